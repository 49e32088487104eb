"""Orchards, the bank, the bakery, the turbine: how Selverne earns its living."""
import math

from pictures.canvas import STORY, Canvas, mix, smooth


def orchard_rows():
    """The Vale of Ashmere on an evening in late autumn."""
    c = Canvas(STORY, "orchard", [(0, "#7f9fae"), (0.3, "#e9cf9f"), (0.46, "#f3b26a"), (1, "#f3b26a")])
    c.light(1180, 400, 640, "#fff0c2", 0.9)
    c.draw("#fff3d6", lambda p: p.ellipse(1180, 372, 56))
    for level, amplitude, top, bottom in ((430, 60, "#a88d8c", "#d9a878"), (480, 44, "#7f7a6a", "#b89a5e"),
                                          (530, 28, "#5f6d4a", "#8f8a48")):
        c.hills(c.ridge(level, amplitude, 0.42, 5, 3), [top, bottom], mix(top, "#2b2a2a", 0.4))
        c.mist(level + 10, level + 110, "#f3cd92", 0.45)
    _farm(c, 330, 566)
    ground = c.draw(["#8f8a44", "#6d7a38", "#3c4f2a"], lambda p: p.box(-10, 560, 1610, 1080))
    c.shade(ground, "#2c3a20", 90, 0.8, 0.6)
    vanish = (900, 470)

    def along(x, t):
        return vanish[0] + (x - vanish[0]) * t, vanish[1] + (1120 - vanish[1]) * t
    for lane in range(-9, 12):
        x0, x1 = lane * 330 + 90, lane * 330 + 220
        strip = c.draw("#b5a653" if lane % 2 else "#a89a4a", lambda p: p.polygon(
            [along(x0, 0.14), along(x1, 0.14), along(x1, 1), along(x0, 1)]), 0.4)
        c.shade(strip, "#4a5a2a", 90, 0.6, 0.4)
    rows = [0.145 * 1.19 ** k for k in range(12)]
    for t in rows:
        for lane in range(-9, 12):
            x, y = along(lane * 330 - 20, t)
            size = 205 * t
            if not -size < x < 1600 + size:
                continue
            c.shadow(x - size * 0.5, y, size * 1.15, "#2a3319", 0.75, ry=size * 0.2)
            x += c.random.uniform(-6, 6) * t
            leaf = mix(c.random.choice(("#b5542b", "#c9822f", "#8f8a3a", "#6f7f38", "#d9a03a")), "#f0c07a",
                       max(0, 0.55 - t))
            crown = [(x + dx * size, y - size * 0.98 + dy * size * 0.8, size * r) for dx, dy,
                r in ((-0.42, 0.1, 0.44), (0.42, 0.1, 0.44), (0, -0.34, 0.5), (-0.2, 0.26, 0.42),
                (0.24, 0.26, 0.4))]
            c.draw("#3d2a1c", lambda p: p.polygon([(x - size * 0.07, y), (x + size * 0.07, y),
                (x + size * 0.04, y - size * 0.7), (x - size * 0.04, y - size * 0.7)]))
            mask = c.draw(leaf, lambda p: [p.ellipse(*b) for b in crown])
            c.shade(mask, mix(leaf, "#1d1a14", 0.65), 150, 0.75, 0.85)
            if t > 0.2:
                fruit = [(x + c.random.uniform(-0.62, 0.62) * size, y - size * c.random.uniform(0.55, 1.45))
                         for _ in range(int(7 + 9 * t))]
                c.draw("#d9281f", lambda p: [p.ellipse(fx, fy, size * 0.045) for fx, fy in fruit])
                c.draw("#ffd9a0", lambda p: [p.ellipse(fx + size * 0.014, fy - size * 0.014, size * 0.014)
                                             for fx, fy in fruit])
    c.light(1180, 430, 900, "#ffdf9a", 0.4)
    return c.finish(vignette=0.35)


def _farm(c, x, y):
    barn = c.draw("#8a3a2a", lambda p: p.polygon([(x, y), (x, y - 54), (x + 52, y - 92), (x + 104, y - 54),
        (x + 104, y)]))
    c.shade(barn, "#3a1612", 180, 0.7, 0.7)
    c.draw("#e9dcc0", lambda p: (p.box(x + 112, y - 44, x + 190, y),
        p.polygon([(x + 106, y - 42), (x + 150, y - 76), (x + 196, y - 42)])))
    c.draw("#4a3140", lambda p: p.polygon([(x + 104, y - 40), (x + 150, y - 78), (x + 198, y - 40)]))
    c.draw("#ffe3a0", lambda p: (p.box(x + 124, y - 30, x + 138, y - 12),
        p.box(x + 160, y - 30, x + 174, y - 12)))


def apple_still():
    """Three Redstreaks and a half, on a packing-house table."""
    c = Canvas(STORY, "apples", [(0, "#27404a"), (0.62, "#3c5a5f"), (0.63, "#7a5233"), (1, "#4f3220")])
    c.light(260, 200, 1000, "#d9e6d0", 0.5)
    plank = c.profile(0.6, 4, 3)
    c.draw("#3a2416", lambda p: [p.line([(x, 690 + k * 64 + 7 * plank(x / 1600)) for x in range(-10, 1620, 20)],
                                        3 if k % 2 else 1.4) for k in range(7)], 0.6)
    cloth = c.draw(["#e9e2d0", "#b8b4a6"], lambda p: p.polygon(smooth(
        [(980, 640), (1640, 600), (1660, 1100), (1260, 1110), (1150, 940), (1060, 830)], True)))
    c.shade(cloth, "#6a6a66", 120, 0.7, 0.8)
    c.draw("#3d5a80", lambda p: [p.line(smooth([(1040 + k, 660), (1150 + k, 830), (1300 + k, 1090)], False), 7)
                                 for k in (60, 90, 260, 290, 460)], 0.7)

    def apple(x, y, r, tone, lean=0.0):
        c.shadow(x + r * 0.5, y + r * 0.86, r * 1.5, "#120a08", 0.9, ry=r * 0.34)
        shape = smooth([(x, y - r * 0.82), (x + r * 0.5, y - r * 0.96), (x + r, y - r * 0.4),
            (x + r * 0.92, y + r * 0.3), (x + r * 0.5, y + r * 0.9), (x, y + r * 0.84),
            (x - r * 0.5, y + r * 0.9), (x - r * 0.92, y + r * 0.3), (x - r, y - r * 0.4),
            (x - r * 0.5, y - r * 0.96)])
        body = c.draw([mix(tone, "#ffd9a0", 0.25), tone], lambda p: p.polygon(shape))
        streaks = [(c.random.uniform(-0.85, 0.85), c.random.uniform(-0.4, 0.1), c.random.uniform(0.3, 0.7))
            for _ in range(34)]
        lines = c.mask(lambda p: [p.line(smooth([(x + r * s * 0.35, y - r * 0.74), (x + r * s * 0.9, y + r * a),
                                                 (x + r * s * 0.8, y + r * (a + long))], False), 3.6)
                                  for s, a, long in streaks])
        c.paint(lines, "#f2c14e", 0.5)
        c.shade(body, mix(tone, "#16060c", 0.8), 38, 0.85, 0.95)
        c.light(x - r * 0.4, y - r * 0.4, r * 0.6, "#fff6e0", 0.75)
        c.draw("#2c1610", lambda p: p.wedge(x, y - r * 0.78, r * 0.3, r * 0.12, 0, 360), 0.8)
        c.draw("#5a3a20", lambda p: p.line(smooth([(x, y - r * 0.74), (x + r * 0.04 + lean, y - r * 1.0),
                                                   (x + r * 0.14 + lean, y - r * 1.22)], False), 9))
    apple(430, 590, 170, "#b8281f", 10)
    apple(1180, 560, 150, "#c8452f", -30)
    apple(770, 640, 205, "#a81d22", 6)
    x, y, r = 1130, 830, 180
    c.shadow(x + 60, y + 140, 250, "#120a08", 0.9, ry=66)
    outline = smooth([(x, y - r * 0.8), (x + r * 0.5, y - r * 0.95), (x + r, y - r * 0.35),
        (x + r * 0.9, y + r * 0.35), (x + r * 0.45, y + r * 0.86), (x, y + r * 0.8),
        (x - r * 0.45, y + r * 0.86), (x - r * 0.9, y + r * 0.35), (x - r, y - r * 0.35),
        (x - r * 0.5, y - r * 0.95)])
    c.draw("#a81d22", lambda p: p.polygon(outline))
    flesh = c.draw(["#fdf3d6", "#eddcae"], lambda p: p.polygon([(x + (px - x) * 0.93, y + (py - y) * 0.93)
        for px, py in outline]))
    c.shade(flesh, "#c9a25e", 40, 0.6, 0.6)
    c.draw("#d9b97a", lambda p: p.blob([(x, y - 62), (x + 60, y - 30), (x + 56, y + 40), (x, y + 74),
        (x - 56, y + 40), (x - 60, y - 30)]), 0.6)
    c.draw("#f6e6bb", lambda p: p.blob([(x, y - 48), (x + 44, y - 20), (x + 42, y + 34), (x, y + 58),
        (x - 42, y + 34), (x - 44, y - 20)]))
    pip = c.draw("#4a2416", lambda p: (p.blob([(x - 22, y - 18), (x - 10, y + 4), (x - 20, y + 24),
        (x - 32, y + 4)]), p.blob([(x + 22, y - 18), (x + 10, y + 4), (x + 20, y + 24), (x + 32, y + 4)])))
    c.shade(pip, "#12060a", 30, 0.7, 0.9)
    leaf = c.draw(["#6f8f3a", "#3d5a2a"], lambda p: p.blob([(838, 420), (900, 360), (1000, 350), (950, 424)]))
    c.shade(leaf, "#20331a", 90, 0.7, 0.8)
    return c.finish(vignette=0.5)


def bank_rate():
    """A portico whose columns are the last eight rate decisions."""
    c = Canvas(STORY, "bank", [(0, "#24465c"), (0.5, "#4f8390"), (1, "#e6d3a8")])
    c.light(1300, 240, 760, "#ffe9b8", 0.6)
    for k in range(5):
        c.paint(c.disc(200 + k * 330, 200 + (k % 2) * 110, 300, 34), "#d9e6e0", 0.35)
    tops = (640, 560, 470, 380, 300, 300, 372, 372)
    steps = c.draw(["#d9c9a6", "#9c8660"], lambda p: [p.box(110 - k * 26, 890 + k * 42, 1490 + k * 26,
        940 + k * 42) for k in range(4)])
    c.shade(steps, "#4a3c2a", 90, 0.5, 0.6)
    c.draw("#5f4d36", lambda p: [p.box(110 - k * 26, 930 + k * 42, 1490 + k * 26, 933 + k * 42)
        for k in range(4)], 0.7)
    for k, top in enumerate(tops):
        x = 230 + k * 163
        c.shadow(x + 60, 880, 130, "#2a2018", 0.8, ry=22)
        shaft = c.draw(["#f4ead2", "#e3d2ac", "#b89a6a"], lambda p: p.polygon(
            [(x - 46, 880), (x + 46, 880), (x + 38, top + 46), (x - 38, top + 46)]), angle=0)
        c.shade(shaft, "#5c4630", 0, 0.7, 0.9)
        c.draw("#8a714c", lambda p: [p.line([(x + d, 872), (x + d * 0.84, top + 54)], 2.4)
            for d in (-30, -15, 0, 15, 30)], 0.6)
        cap = c.draw(["#fbf3df", "#c9b083"], lambda p: (p.box(x - 60, top, x + 60, top + 20, 4),
            p.box(x - 50, top + 18, x + 50, top + 48), p.ellipse(x - 52, top + 34, 19),
            p.ellipse(x + 52, top + 34, 19), p.box(x - 56, 866, x + 56, 892, 5)))
        c.shade(cap, "#5c4630", 20, 0.6, 0.7)
        c.draw("#8a714c", lambda p: (p.ring(x - 52, top + 34, 11, 11, 3), p.ring(x + 52, top + 34, 11, 11, 3)))
    line = [(230 + k * 163, top - 26) for k, top in enumerate(tops)]
    c.draw("#3a0f12", lambda p: p.line([(x + 5, y + 8) for x, y in line], 9), 0.4, blur=4)
    c.draw("#d3392b", lambda p: (p.line(line, 9), [p.ellipse(x, y, 15) for x, y in line]))
    c.draw("#fdf6e6", lambda p: [p.ellipse(x, y, 7) for x, y in line])
    c.birds(5, (150, 150, 620, 380), "#173040", 18)
    return c.finish(vignette=0.35)


def tidal_turbine():
    c = Canvas(STORY, "turbine", [(0, "#bfe3d8"), (0.13, "#5fb0b0"), (0.4, "#237a8c"), (1, "#0a2c44")])
    c.light(980, 30, 900, "#f4ffe6", 0.6, ry=420)
    for k in range(9):
        c.beam((900 + k * 26, -300), (k * 250 - 300, 1120), (k * 250 - 190, 1120), "#d6fff0", 0.17, 18)
    surface = [(x, 96 + 12 * math.sin(x / 70) + 6 * math.sin(x / 29)) for x in range(-10, 1620, 8)]
    c.draw(["#f3dcb0", "#e9c08a"], lambda p: p.polygon(surface + [(1620, -10), (-10, -10)]))
    c.draw("#f7ffef", lambda p: p.line(surface, 5), 0.8)
    hull = c.draw(["#c8402c", "#5d1a1c"], lambda p: p.polygon(smooth([(240, 78), (520, 78), (480, 138),
        (290, 140)], True, 8)))
    c.shade(hull, "#2e0a12", 0, 0.7, 0.8)
    c.draw("#f4ecda", lambda p: (p.polygon([(320, 80), (330, 34), (420, 34), (440, 80)]),
        p.line([(380, 34), (380, -10)], 4)))
    c.hills(c.ridge(930, 46, 0.5, 5, 3), ["#1c4f60", "#0c2c40"], "#061a28")
    c.hills(c.ridge(1010, 36, 0.5, 5, 4), ["#123a4c", "#071d2e"], "#04121e")
    for x, y, s, turn in ((1330, 560, 0.42, 20), (330, 620, 0.5, 70), (830, 520, 1.0, 10)):
        tone = mix("#f2b632", "#237a8c", 0.62 * (1 - s))
        grey = mix("#e3e9e4", "#237a8c", 0.7 * (1 - s))
        c.draw(mix("#33505c", "#237a8c", 1 - s), lambda p: (p.polygon([(x - 24 * s, y), (x + 24 * s, y),
            (x + 44 * s, y + 460 * s), (x - 44 * s, y + 460 * s)]),
            p.line([(x, y + 360 * s), (x - 190 * s, y + 500 * s)], 30 * s),
            p.line([(x, y + 360 * s), (x + 190 * s, y + 500 * s)], 30 * s)))
        c.paint(c.disc(x, y, 330 * s), "#e9fff6", 0.13)
        for k in range(3):
            a = math.radians(turn + 120 * k)

            def at(along, across):
                return (x + s * (along * math.cos(a) - across * math.sin(a)),
                    y + s * (along * math.sin(a) + across * math.cos(a)))
            blade = c.draw(grey, lambda p: p.blob([at(20, -14), at(120, -34), at(260, -22), at(330, 2),
                at(240, 12), at(20, 16)]))
            c.shade(blade, mix("#2b4656", "#237a8c", 1 - s), 60, 0.8, 0.8)
        hub = c.draw(tone, lambda p: p.ellipse(x, y, 50 * s))
        c.shade(hub, "#7a4a10", 40, 0.8, 0.8)
        c.draw("#fff2c4", lambda p: p.ellipse(x - 15 * s, y - 15 * s, 11 * s), 0.8)
        c.draw("#e9fff6", lambda p: [p.arc(x, y, r * s, r * s, b, b + 46, 3 * s) for r, b in
                                     ((352, 30), (372, 150), (352, 270), (372, 210))], 0.5)
    school = [(180 + k % 7 * 62 + c.random.uniform(-18, 18), 330 + k // 7 * 44 + c.random.uniform(-12, 12))
        for k in range(26)]
    c.draw("#d9efe6", lambda p: [(p.blob([(x + 22, y), (x, y - 7), (x - 18, y), (x, y + 7)]),
        p.polygon([(x - 14, y), (x - 27, y - 8), (x - 27, y + 8)])) for x, y in school], 0.75)
    bubbles = [(c.random.gauss(830, 240), c.random.uniform(140, 900), c.random.uniform(2, 6))
        for _ in range(70)]
    c.draw("#f0fff8", lambda p: [p.ring(*b[:2], b[2], b[2], 1.2) for b in bubbles], 0.6)
    return c.finish(vignette=0.4)


def bakery_window():
    """Three in the morning on the Long Quay."""
    c = Canvas(STORY, "bakery", [(0, "#111c33"), (1, "#1d2c48")])
    wall = c.draw(["#24406b", "#1c3156"], lambda p: p.box(-10, -10, 1610, 900))
    tile = 74
    for j in range(-1, 13):
        for i in range(-1, 23):
            x, y = i * tile + 37, j * tile + 20
            if (i + j) % 2:
                continue
            c.draw("#e6e9e2", lambda p: (p.polygon([(x, y - 34), (x + 34, y), (x, y + 34), (x - 34, y)]),),
                0.16)
    glaze = c.mask(lambda p: [(p.ring(i * tile + 37, j * tile + 20, 17, 17, 3),
        [p.ellipse(i * tile + 37 + 24 * dx, j * tile + 20 + 24 * dy, 6) for dx,
        dy in ((1, 0), (-1, 0), (0, 1), (0, -1))]) for i in range(-1, 23) for j in range(-1, 13)])
    c.paint(glaze, "#cfe0ea", 0.3)
    c.shade(wall, "#070d1c", 90, 0.9, 0.75)
    c.light(700, 520, 900, "#ffb65c", 0.5, ry=620)
    c.draw("#3a2416", lambda p: p.box(250, 250, 1110, 850, 10))
    pane = c.draw(["#ffe9ae", "#ffce78", "#f2a548"], lambda p: p.box(278, 278, 1082, 822))
    c.draw("#d98f3c", lambda p: [p.box(278, y, 1082, y + 10) for y in (430, 560)], 0.7)
    for y, n in ((430, 11), (560, 10)):
        for k in range(n):
            x = 330 + k * (740 / n) + c.random.uniform(-6, 6)
            bun = c.draw(["#d98a3a", "#8f4a1c"], lambda p: p.ellipse(x, y - 22, 32, 24))
            c.shade(bun, "#4a2210", 60, 0.7, 0.8)
            c.draw("#f6d59a", lambda p: (p.arc(x, y - 18, 18, 18, 210, 330, 4),
                p.line([(x, y - 38), (x, y - 22)], 3)), 0.8)
    body = c.draw("#f7f0e2", lambda p: p.blob([(560, 822), (566, 690), (620, 640), (690, 628), (760, 640),
        (812, 690), (820, 822)]))
    c.shade(body, "#b07a48", 180, 0.7, 0.8)
    c.draw("#8a5a3c", lambda p: (p.ellipse(690, 582, 42, 50), p.line([(590, 700), (560, 780), (640, 800)], 34),
                                 p.line([(790, 700), (826, 780), (740, 800)], 34)))
    c.draw("#fbf6ea", lambda p: (p.ellipse(690, 540, 56, 30), p.box(646, 540, 734, 568, 6)))
    c.draw("#20140f", lambda p: (p.arc(674, 586, 8, 6, 200, 340, 4), p.arc(706, 586, 8, 6, 200, 340, 4),
                                 p.line(smooth([(668, 606), (690, 599), (712, 606)], False), 9)))
    c.draw("#e9cfa0", lambda p: p.ellipse(690, 806, 96, 22))
    tray = c.draw("#5a3420", lambda p: p.box(278, 800, 1082, 824))
    c.shade(tray, "#20100a", 90, 0.7, 0.7)
    for k in range(9):
        x = 316 + k * 34 if k < 6 else 900 + (k - 6) * 64
        c.draw(["#f2c45a", "#c97a24"], lambda p: p.ellipse(x, 790, 26, 14))
        c.draw("#7a3a14", lambda p: [p.ellipse(x + dx, 786 + dy, 5, 3) for dx,
            dy in ((-8, 0), (6, -2), (1, 4))], 0.8)
    c.draw("#3a2416", lambda p: (p.box(674, 250, 686, 560), p.box(278, 340, 1082, 350)))
    awning = c.draw("#c8402c", lambda p: p.polygon([(220, 170), (1140, 170), (1180, 300), (180, 300)]))
    c.draw("#f4ead6", lambda p: [p.polygon([(220 + k * 92, 170), (266 + k * 92, 170), (236 + k * 100 - 6, 300),
        (180 + k * 100, 300)]) for k in range(10)])
    c.shade(c.mask(lambda p: p.polygon([(220, 170), (1140, 170), (1180, 300), (180, 300)])), "#2a0a10", 90, 0.8,
        0.7)
    c.shade(awning, "#3a070d", 90, 0.4, 0.4)
    door = c.draw(["#2f6f73", "#1c484e"], lambda p: p.box(1210, 300, 1440, 900, 6))
    c.shade(door, "#0a1f26", 0, 0.7, 0.8)
    c.draw("#ffd98c", lambda p: p.box(1244, 340, 1406, 560, 4))
    c.draw("#1c484e", lambda p: (p.box(1320, 340, 1330, 560), p.box(1244, 444, 1406, 454)))
    c.draw("#e0a93a", lambda p: p.ellipse(1416, 640, 9))
    street = c.draw(["#2b3347", "#161c2b"], lambda p: p.box(-10, 880, 1610, 1080))
    c.draw("#0d1220", lambda p: [p.arc(x + (j % 2) * 34, 910 + j * 30, 34, 16, 180, 360, 2.4) for j in range(7)
                                 for x in range(-10, 1640, 68)], 0.8)
    c.shade(street, "#0a0f1a", 90, 0.7, 0.6)
    c.paint(c.disc(690, 930, 640, 110), "#ffb65c", 0.5, "screen")
    c.paint(c.disc(1330, 920, 200, 60), "#ffcf87", 0.45, "screen")
    c.draw("#0a0d17", lambda p: (p.ellipse(1150, 902, 44, 26), p.ellipse(1188, 872, 20, 19),
        p.polygon([(1172, 862), (1174, 838), (1188, 856)]), p.polygon([(1190, 856), (1204, 838), (1206, 864)]),
        p.line(smooth([(1110, 908), (1076, 900), (1068, 866), (1084, 850)], False), 10)))
    c.draw("#ffd95c", lambda p: (p.ellipse(1182, 870, 3), p.ellipse(1196, 870, 3)))
    c.shade(pane, "#e9822f", 90, 0.3, 0.25)
    return c.finish(vignette=0.55)


SCENES = {f.__name__: f for f in (orchard_rows, apple_still, bank_rate, tidal_turbine, bakery_window)}
