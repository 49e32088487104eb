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
    sail = c.draw("#e9dcc0", lambda p: (p.polygon(smooth([(806, 310), (880, 430), (930, 570), (806, 570)], True,
        8)), p.polygon([(792, 330), (740, 470), (690, 566), (792, 566)])))
    c.shade(sail, "#b4874f", 20, 0.8, 0.7)
    floor = c.draw(["#8a5a36", "#4a2c1c"], lambda p: p.polygon([(230, 760), (1370, 760), (1500, 880),
        (100, 880)]))
    c.shade(floor, "#2a160e", 90, 0.8, 0.7)
    c.beam((800, -60), (480, 830), (1120, 830), "#fff0c8", 0.55, 24)
    c.light(800, 820, 330, "#ffe9b8", 0.7, ry=60)
    dress = c.draw("#d3392b", lambda p: (p.polygon(smooth([(800, 672), (838, 700), (880, 826), (800, 838),
        (720, 826), (762, 700)])), ))
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
                pts = [(x0 - pull(y), y) for y in range(-10, drop, 30)] + [(x1 - pull(y), y)
                    for y in range(drop, -11, -30)]
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


def _star(x, y, outer, inner, points, turn=0.0):
    return [(x + (outer if k % 2 == 0 else inner) * math.cos(turn + k * math.pi / points),
        y + (outer if k % 2 == 0 else inner) * math.sin(turn + k * math.pi / points))
        for k in range(points * 2)]


def manuscript_stars():
    """An eight-fold star pattern, lapis and gold, around an open book."""
    c = Canvas(STORY, "manuscript", [(0, "#123a5c"), (1, "#0c2742")])
    c.light(800, 420, 1000, "#2f7f96", 0.6)
    step = 236
    centres = [(i * step + (step / 2 if j % 2 else 0), j * step / 2) for j in range(-1, 11)
        for i in range(-1, 9)]
    c.draw("#e0b04a", lambda p: [p.line(_star(x, y, 117, 82, 8, math.pi / 8) + _star(x, y, 117, 82, 8,
        math.pi / 8)[:1], 5) for x, y in centres], 0.9)
    for colour, keep in (("#1f6f80", 0), ("#b5432f", 1), ("#e9dcc0", 2)):
        mask = c.draw(colour, lambda p: [p.polygon(_star(x, y, 72, 45, 8)) for k,
            (x, y) in enumerate(centres) if k % 3 == keep], 0.9)
        c.paint(mask, "#0a1c30", 0.12)
    c.draw("#e0b04a", lambda p: [p.polygon(_star(x, y, 30, 16, 8, math.pi / 8)) for x, y in centres])
    c.shadow(800, 560, 900, "#04101c", 0.85, ry=620, softness=0.0)
    arch = [(390, 1080), (390, 470), (430, 330), (540, 210), (680, 140), (800, 78), (920, 140), (1060, 210),
        (1170, 330), (1210, 470), (1210, 1080)]
    c.draw("#e0b04a", lambda p: p.polygon(arch))
    inner = [(x + (800 - x) * 0.05, y + 22 if y < 1000 else y) for x, y in arch]
    glow = c.draw(["#0d2f4a", "#1f6072", "#c98a4a"], lambda p: p.polygon(inner))
    c.shade(glow, "#081c30", 270, 0.6, 0.7)
    c.light(800, 700, 460, "#ffe2a0", 0.75)
    c.draw("#f0c860", lambda p: (p.line([(800, 100), (800, 262)], 3),
        p.polygon([(770, 300), (830, 300), (812, 258), (788, 258)]), p.ellipse(800, 322, 42, 46)))
    c.light(800, 322, 150, "#fff2c4", 1)
    stand = c.draw(["#7b4a2a", "#3f2415"], lambda p: (p.polygon([(560, 1010), (620, 1010), (1010, 800),
        (960, 790)]), p.polygon([(1040, 1010), (980, 1010), (590, 800), (640, 790)])))
    c.shade(stand, "#20100a", 40, 0.8, 0.8)
    for side in (-1, 1):
        page = [(800, 650), (800 + side * 110, 600), (800 + side * 300, 610), (800 + side * 352, 640),
            (800 + side * 330, 800), (800 + side * 150, 806), (800, 852)]
        cover = c.draw("#7a1f2a", lambda p: p.polygon([(x + side * 14, y + 18) for x, y in page]))
        c.shade(cover, "#2c0a10", 90, 0.7, 0.7)
        leaf = c.draw(["#fbf0d2", "#e6d0a0"], lambda p: p.polygon(smooth(page, True, 8)))
        c.shade(leaf, "#a87a40", 180 if side > 0 else 0, 0.45, 0.7)
        lines = []
        for row in range(6):
            y = 662 + row * 22
            x = 800 + side * 60
            while abs(x - 800) < 290:
                w = c.random.uniform(16, 40)
                lift = c.random.uniform(-9, 9)
                lines.append(smooth([(x, y - 8), (x + side * w * 0.4, y + lift), (x + side * w, y - 6)], False,
                    5))
                x += side * (w + 9)
        c.draw("#2a1c18", lambda p: [p.line(s, 4) for s in lines])
        c.draw("#b5432f", lambda p: [p.ellipse(s[4][0], s[4][1] - 11, 2.6) for s in lines[::3]])
        c.draw("#e0b04a", lambda p: p.polygon(_star(800 + side * 300, 634, 17, 9, 8)))
    c.draw("#4a2b1a", lambda p: p.line([(800, 650), (800, 852)], 5), 0.7)
    return c.finish(vignette=0.5)


def organ_pipes():
    c = Canvas(STORY, "organ", [(0, "#2a1f2e"), (0.5, "#4a3140"), (1, "#20161f")])
    c.light(800, 210, 760, "#c98a5a", 0.5)
    c.draw("#f0b45b", lambda p: p.ellipse(800, 190, 150))
    for k in range(12):
        a = math.pi * k / 6
        glass = ("#c8402c", "#2f6f73", "#e0a33a", "#3d5a80")[k % 4]
        c.draw(glass, lambda p: p.blob([(800 + 40 * math.cos(a), 190 + 40 * math.sin(a)),
                                        (800 + 96 * math.cos(a - 0.24), 190 + 96 * math.sin(a - 0.24)),
                                        (800 + 138 * math.cos(a), 190 + 138 * math.sin(a)),
                                        (800 + 96 * math.cos(a + 0.24), 190 + 96 * math.sin(a + 0.24))]))
    c.draw("#f6e3b0", lambda p: p.ellipse(800, 190, 34))
    c.light(800, 190, 320, "#ffe7b0", 0.6)
    for k in range(4):
        c.beam((800, 190), (120 + k * 420, 1080), (230 + k * 420, 1080), "#ffdf9a", 0.35, 18)
    case = c.draw(["#6d4126", "#3a2114"], lambda p: (p.box(150, 800, 1450, 1080),
        p.box(120, 770, 1480, 812, 6)))
    c.shade(case, "#180c08", 90, 0.8, 0.8)
    for k in range(-13, 14):
        x = 800 + k * 48
        tall = 560 - 250 * math.cos(k * math.pi / 6.5) * (1 - abs(k) / 26) - abs(k) * 4
        top = 770 - tall
        wide = 21
        pipe = c.draw(["#6f675c", "#f4ead2", "#c9b68f", "#7d6f58", "#4a4038"],
            lambda p: (p.polygon([(x - wide, top), (x + wide, top), (x + wide, 690), (x + 7, 770), (x - 7, 770),
            (x - wide, 690)]), p.ellipse(x, top, wide, 6)), angle=0)
        c.shade(pipe, "#2a1f1c", 90, 0.6, 0.6)
        c.draw("#1c1210", lambda p: (p.blob([(x - 12, 676), (x, 640), (x + 12, 676)]),
            p.box(x - 13, 672, x + 13, 680), p.ellipse(x, top, wide - 3, 4)), 0.9)
    c.draw("#e0a93a", lambda p: [p.arc(800 + k * 312, 800, 156, 70, 180, 360, 8)
        for k in (-1.5, -0.5, 0.5, 1.5)])
    for j, y in enumerate((850, 888, 926)):
        keys = c.draw(["#fbf4e4", "#d9cdb4"], lambda p: p.box(560 - j * 10, y, 1040 + j * 10, y + 27, 3))
        c.shade(keys, "#8a7a5c", 90, 0.4, 0.6)
        c.draw("#1c1418", lambda p: [p.box(568 - j * 10 + q * 22, y, 578 - j * 10 + q * 22, y + 16)
            for q in range(22 + j) if q % 7 not in (2, 6)])
    c.draw("#efe6d0", lambda p: [p.ellipse(x, 850 + r * 34, 9) for x in (430, 470, 1130, 1170)
        for r in range(4)])
    c.draw("#1c100c", lambda p: (p.box(600, 985, 1000, 1010, 6), p.box(630, 1010, 660, 1080),
        p.box(940, 1010, 970, 1080)))
    c.draw("#f6efdc", lambda p: p.polygon([(700, 806), (900, 806), (912, 844), (688, 844)]))
    c.draw("#33262a", lambda p: [p.line([(708, 815 + r * 8), (892, 815 + r * 8)], 1.6) for r in range(3)])
    return c.finish(vignette=0.5)


def novelist_window():
    c = Canvas(STORY, "novelist", [(0, "#2f3a4f"), (1, "#232b3c")])
    c.light(1180, 560, 700, "#e0a35b", 0.45)
    sky = c.draw(["#33507c", "#8a7fa0", "#f0a878", "#f7d39a"], lambda p: p.box(330, 70, 1010, 690))
    view = Canvas(STORY, "novelist-view", [(0, "#33507c"), (0.4, "#c98a8a"), (0.62, "#f7d39a"), (1, "#f7d39a")])
    view.hills(view.ridge(540, 40, base=3), ["#5d5a7a", "#9a7a80"])
    view.draw("#33304a", lambda p: ([p.box(340 + k * 64, 520 - (k * 37) % 60, 396 + k * 64, 620)
        for k in range(11)], [p.polygon([(334 + k * 64, 522 - (k * 37) % 60),
        (368 + k * 64, 486 - (k * 37) % 60), (402 + k * 64, 522 - (k * 37) % 60)]) for k in range(11)]))
    view.draw("#ffd98c", lambda p: [p.box(356 + k * 64, 560, 366 + k * 64, 576) for k in (0, 2, 3, 6, 7, 9)])
    view.draw("#2a2840", lambda p: [(p.line([(x, 620), (x, 400 - (x % 7) * 9)], 4),
        p.line([(x - 26, 470), (x + 26, 470)], 3)) for x in (470, 640, 850)])
    view.reflect(616, ["#d99a80", "#5a5a7a"], 0.7, 7)
    c.paint(sky, view.image)
    c.draw("#f1e8d6", lambda p: (p.box(314, 54, 1026, 78), p.box(314, 682, 1026, 712), p.box(314, 54, 340, 712),
        p.box(1000, 54, 1026, 712), p.box(660, 70, 680, 690), p.box(330, 360, 1010, 376)))
    c.draw("#c9bda6", lambda p: p.box(290, 704, 1050, 728))
    desk = c.draw(["#8a5a36", "#4a2c1c"], lambda p: p.polygon([(-10, 800), (1610, 800), (1610, 1080),
        (-10, 1080)]))
    c.shade(desk, "#22120c", 90, 0.8, 0.7)
    c.light(1180, 830, 620, "#ffdf9a", 0.65, ry=150)
    c.beam((1180, 470), (920, 840), (1440, 840), "#ffe7b0", 0.75, 14)
    lamp = c.draw(["#2f8f83", "#14524e"], lambda p: p.polygon(smooth([(1090, 476), (1120, 380), (1180, 352),
        (1240, 380), (1270, 476)], True, 8)))
    c.shade(lamp, "#0a2a2a", 180, 0.6, 0.8)
    c.draw("#d9a441", lambda p: (p.box(1173, 470, 1187, 812), p.ellipse(1180, 824, 92, 20),
        p.ellipse(1180, 352, 11)))
    c.draw("#fff6d8", lambda p: p.ellipse(1180, 480, 62, 13))
    spines = ((150, "#b5432f"), (128, "#2f6f73"), (172, "#e0a33a"), (140, "#3d5a80"), (158, "#6d7f4f"),
        (134, "#8a4f6d"), (166, "#d8cdb4"))
    x = 60
    for tall, colour in spines:
        w = 30 + (tall * 7) % 19
        book = c.draw(colour, lambda p: p.box(x, 822 - tall, x + w, 822, 3))
        c.shade(book, mix(colour, "#0c0a12", 0.7), 0, 0.7, 0.8)
        c.draw("#f6e6bb", lambda p: (p.box(x + 6, 822 - tall + 18, x + w - 6, 822 - tall + 24),
            p.box(x + 6, 800, x + w - 6, 804)), 0.8)
        x += w + 2
    for k, (dx, dy, a) in enumerate(((0, 0, 0.04), (10, -7, -0.05), (-6, -14, 0.02), (5, -21, -0.02),
            (0, -28, 0.05))):
        cx, cy = 760 + dx, 900 + dy
        corners = [(cx + px * math.cos(a) - py * math.sin(a), cy + px * math.sin(a) + py * math.cos(a))
                   for px, py in ((-150, -44), (150, -44), (186, 54), (-186, 54))]
        c.draw("#1c100c", lambda p: p.polygon([(q + 8, r + 12) for q, r in corners]), 0.35, blur=6)
        c.draw(mix("#fbf4e2", "#d9c9a6", 0.12 * (4 - k)), lambda p: p.polygon(corners))
    c.draw("#4a4a5a", lambda p: [p.line([(640 - r * 3, 844 + r * 11),
        (640 + c.random.randint(150, 240), 846 + r * 11)], 2.6) for r in range(7)], 0.8)
    c.draw("#c8402c", lambda p: (p.line([(700, 862), (820, 866)], 3.5),
        p.line(smooth([(826, 880), (860, 866), (880, 890)], False), 3)))
    c.draw("#20242e", lambda p: (p.line([(960, 930), (860, 880)], 9),
        p.polygon([(862, 874), (844, 872), (856, 886)])))
    cup = c.draw("#e9e2d0", lambda p: (p.polygon([(470, 812), (560, 812), (548, 896), (482, 896)]),
        p.ring(566, 848, 24, 26, 9)))
    c.shade(cup, "#7a6a58", 180, 0.7, 0.8)
    c.draw("#3a2116", lambda p: p.ellipse(515, 814, 42, 9))
    for k in range(3):
        c.draw("#f4ead6", lambda p: p.line(smooth([(496 + k * 18, 796), (488 + k * 20, 760),
            (504 + k * 18, 724), (494 + k * 20, 690)], False), 7), 0.22, blur=6)
    cat = [(1290, 816), (1300, 760), (1350, 730), (1420, 736), (1450, 690), (1440, 660), (1462, 676),
        (1484, 676), (1502, 656), (1504, 700), (1490, 760), (1500, 816)]
    c.shade(c.draw("#20222c", lambda p: p.polygon(smooth(cat, True, 6))), "#c98a4a", 180, 0.4, 0.7)
    return c.finish(vignette=0.5)


def boat_hall():
    """The timbers of the Stannard boat under the museum's glass roof."""
    c = Canvas(STORY, "boat-hall", [(0, "#dfe8e4"), (0.5, "#c3d2cf"), (1, "#8fa3a1")])
    for k in range(-6, 7):
        c.draw("#f6faf4" if k % 2 else "#e4ede8", lambda p: p.polygon([(800 + k * 60, 300), (860 + k * 60, 300),
            (860 + k * 300 + 120, -20), (800 + k * 300, -20)]))
    c.draw("#4a5f66", lambda p: [p.line([(800 + k * 60, 300), (800 + k * 300, -20)], 6)
        for k in range(-6, 8)] + [p.line([(800 - 7 * (60 + t * 300), 300 - t * 320),
        (800 + 8 * (60 + t * 300), 300 - t * 320)], 3) for t in (0.12, 0.34, 0.66)])
    wall = c.draw(["#e9e4d6", "#cfc8b6"], lambda p: p.box(200, 300, 1400, 760))
    c.shade(wall, "#8f8a7a", 90, 0.5, 0.5)
    for side in (0, 1):
        wing = c.draw(["#c9c3b2", "#a39c8a"], lambda p: p.polygon([((1600 - x) if side else x, y) for x,
            y in ((-10, 60), (200, 300), (200, 760), (-10, 980))]))
        c.shade(wing, "#5f5a50", 0 if side else 180, 0.8, 0.7)
    floor = c.draw(["#b8ab94", "#8a7a62"], lambda p: p.polygon([(200, 760), (1400, 760), (1640, 1080),
        (-40, 1080)]))
    c.shade(floor, "#4a4034", 90, 0.7, 0.6)
    c.draw("#6f624e", lambda p: [p.line([(800 + k * 96, 760), (800 + k * 250, 1080)], 2)
        for k in range(-9, 10)], 0.5)
    c.beam((520, -80), (420, 940), (1000, 940), "#fffbe8", 0.5, 26)
    c.shadow(800, 890, 760, "#2a2018", 0.85, ry=90)
    dark, mid, lit = "#3a2418", "#6d4428", "#a8743f"
    for k in range(19):
        t = (k - 9) / 9.5
        x, w = 800 + t * 590, (1 - t * t) ** 0.55
        deep, rise = 850 - 60 * t * t, 560 - 120 * t * t
        half = 66 * w * (1 - 0.3 * t)
        for ink, shift in ((dark, 0), (mid if k % 3 else lit, -5)):
            c.draw(ink, lambda p: p.line(smooth([(x - half * 1.3, rise - 16), (x - half * 1.2, rise + 130),
                (x + shift, deep), (x + half * 1.5, rise + 140), (x + half * 1.7, rise + 10)], False),
                15 if ink == dark else 9))
    keel = c.draw([lit, dark], lambda p: p.polygon(smooth([(150, 470), (196, 640), (330, 800), (800, 864),
        (1270, 800), (1404, 640), (1450, 470), (1424, 476), (1370, 640), (1250, 770), (800, 830), (350, 770),
        (230, 640), (176, 476)], True, 8)))
    c.shade(keel, "#1c100a", 90, 0.7, 0.8)
    for rise in (0, 70, 138):
        c.draw(mid, lambda p: p.line(smooth([(176 + rise * 0.3, 520 + rise), (480, 640 + rise * 0.9),
            (800, 668 + rise), (1120, 640 + rise * 0.9), (1424 - rise * 0.3, 520 + rise)], False), 10))
        c.draw(lit, lambda p: p.line(smooth([(176 + rise * 0.3, 517 + rise), (480, 636 + rise * 0.9),
            (800, 664 + rise), (1120, 636 + rise * 0.9), (1424 - rise * 0.3, 517 + rise)], False), 3), 0.9)
    c.draw("#33454d", lambda p: [p.line([(x, 846), (x, 920)], 13) for x in (430, 620, 980, 1170)])
    for x, y, s, coat in ((300, 960, 1.1, "#c8402c"), (346, 964, 0.75, "#f2b632"), (1090, 948, 1.0, "#2f6f73"),
                          (1330, 990, 1.25, "#3d3a5a"), (690, 962, 1.05, "#6d7f4f")):
        c.shadow(x + 12, y + 2, 44 * s, "#2a2018", 0.9, ry=9)
        fig = c.draw(coat, lambda p: p.polygon([(x - 12 * s, y - 78 * s), (x + 12 * s, y - 78 * s),
            (x + 19 * s, y - 26 * s), (x - 19 * s, y - 26 * s)]))
        c.shade(fig, "#14141c", 0, 0.7, 0.7)
        c.draw("#22242e", lambda p: (p.line([(x - 7 * s, y - 28 * s), (x - 8 * s, y)], 9 * s),
            p.line([(x + 7 * s, y - 28 * s), (x + 8 * s, y)], 9 * s)))
        c.draw("#c78f68", lambda p: p.ellipse(x, y - 90 * s, 10 * s, 12 * s))
        c.draw("#2b1a17", lambda p: p.wedge(x, y - 92 * s, 12 * s, 13 * s, 170, 370))
    return c.finish(vignette=0.35)


SCENES = {f.__name__: f for f in (opera_stage, manuscript_stars, organ_pipes, novelist_window, boat_hall)}
