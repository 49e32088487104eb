"""Stages, books, museums, music."""
import math

from pictures.canvas import STORY, Canvas, mix, smooth


def opera_stage():
    c = Canvas(STORY, "opera", [(0, "#0d1b2f"), (0.55, "#1d4a63"), (0.8, "#7fa79b"), (1, "#c9c08e")])
    c.light(800, 470, 520, "#f6e3b0", 0.7)
    c.draw("#f4e8c6", lambda p: p.ellipse(930, 330, 92))
    c.shade(c.mask(lambda p: p.ellipse(930, 330, 92)), "#d9b36a", 40, 0.8, 0.6)
    for k, (level, colour) in enumerate(((600, "#2c6a7c"), (650, "#1f5568"), (700, "#153f54"))):
        pts = [(x, level + 16 * math.sin(x / (70 + 10 * k) + k * 2)) for x in range(200, 1401, 8)]
        mask = c.polygon_mask(pts + [(1400, 800), (200, 800)])
        c.paint(mask, [mix(colour, "#ffffff", 0.15), colour])
        c.shade(mask, "#0a2233", 90, 0.7, 0.6)
    hull = c.draw("#151a29", lambda p: (p.polygon([(640, 590), (980, 590), (930, 668), (690, 668)]),
                                        p.line([(800, 590), (800, 300)], 9), p.line([(730, 590), (730, 380)], 7)))
    c.shade(hull, "#05070d", 0, 0.6, 0.8)
    sail = c.draw("#e9dcc0", lambda p: (p.polygon(smooth([(806, 310), (880, 430), (930, 570), (806, 570)], True, 8)),
                                        p.polygon([(792, 330), (740, 470), (690, 566), (792, 566)])))
    c.shade(sail, "#b4874f", 20, 0.8, 0.7)
    floor = c.draw(["#8a5a36", "#4a2c1c"], lambda p: p.polygon([(230, 760), (1370, 760), (1500, 880), (100, 880)]))
    c.shade(floor, "#2a160e", 90, 0.8, 0.7)
    c.beam((800, -60), (480, 830), (1120, 830), "#fff0c8", 0.55, 24)
    c.light(800, 820, 330, "#ffe9b8", 0.7, ry=60)
    dress = c.draw("#d3392b", lambda p: (p.polygon(smooth([(800, 672), (838, 700), (880, 826), (800, 838), (720, 826),
                                                           (762, 700)])), ))
    c.shade(dress, "#5c1116", 10, 0.8, 0.9)
    c.draw("#e9bd97", lambda p: (p.ellipse(800, 648, 19, 24), p.box(793, 664, 807, 684),
                                 p.line(smooth([(780, 700), (736, 680), (712, 630)], False), 11),
                                 p.line(smooth([(820, 700), (866, 690), (900, 650)], False), 11)))
    c.draw("#2b1a17", lambda p: p.wedge(800, 644, 22, 26, 150, 390))
    for side in (0, 1):
        for k in range(9):
            x0, x1 = k * 44 - 20, k * 44 + 40
            drop = 900 - 4 * k

            def fold(p, x0=x0, x1=x1, drop=drop):
                pull = lambda y: (70 * math.exp(-((y - 640) / 170) ** 2)) * (k / 8)
                pts = [(x0 - pull(y), y) for y in range(-10, drop, 30)] + [(x1 - pull(y), y) for y in range(drop, -11, -30)]
                p.polygon([(1600 - x, y) for x, y in pts] if side else pts)
            mask = c.draw(["#7a1420", "#b32530", "#5a0c18"], fold)
            c.shade(mask, "#2c0509", 0 if (k % 2) ^ side else 180, 0.85, 0.85)
    top = c.draw(["#8f1a26", "#b32530"], lambda p: (p.box(-10, -10, 1610, 96), [p.wedge(x, 96, 80, 64, 0, 180)
                                                                               for x in range(0, 1601, 160)]))
    c.shade(top, "#3a070d", 90, 0.8, 0.85)
    c.draw("#e0a93a", lambda p: [p.arc(x, 96, 80, 64, 0, 180, 7) for x in range(0, 1601, 160)])
    c.draw("#0a0d17", lambda p: p.box(-10, 884, 1610, 1080))
    c.light(800, 884, 760, "#d9a05b", 0.45, ry=70)
    for row, (y, size) in enumerate(((930, 34), (1000, 44), (1076, 56))):
        heads = []
        x = -20 + row * 33
        while x < 1640:
            heads.append((x, y + c.random.uniform(-8, 8), size * c.random.uniform(0.85, 1.1)))
            x += size * c.random.uniform(2.2, 2.9)
        mask = c.draw(mix("#1b1420", "#05060b", row / 3), lambda p: [
            (p.ellipse(hx, hy, hs * 0.62, hs * 0.75), p.ellipse(hx, hy + hs * 1.5, hs * 1.15, hs * 0.95))
            for hx, hy, hs in heads])
        c.shade(mask, "#7a4a36", 270, 0.35, 0.55)
    return c.finish(vignette=0.45)


SCENES = {f.__name__: f for f in (opera_stage,)}
