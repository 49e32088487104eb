"""Grounds, crews and fells."""
import math

from pictures.canvas import STORY, Canvas, mix, smooth


def floodlights():
    c = Canvas(STORY, "floodlights", [(0, "#0b1530"), (0.35, "#1d3560"), (0.62, "#5a6f8e"), (1, "#7d8896")])
    c.stars(70, 0, 260)
    for x, top in ((150, 130), (1450, 130), (470, 250), (1130, 250)):
        big = 1 if top < 200 else 0.66
        c.light(x, top, 620 * big, "#e8f2ff", 0.55)
        c.beam((x, top), (x + (500 if x < 800 else -500) - 260, 900),
            (x + (500 if x < 800 else -500) + 420, 900), "#e6f0ff", 0.28, 22)
        c.draw("#0a1122", lambda p: (p.polygon([(x - 12 * big, 640), (x + 12 * big, 640), (x + 5 * big, top),
            (x - 5 * big, top)]), p.box(x - 66 * big, top - 44 * big, x + 66 * big, top + 34 * big, 5)))
        c.draw("#fdfbef", lambda p: [p.ellipse(x + dx * 29 * big, top - 5 + dy * 24 * big, 10 * big)
                                     for dx in (-2, -1, 0, 1, 2) for dy in (-1, 0, 1)])
        c.light(x, top, 170 * big, "#ffffff", 0.9)
    roof = c.draw(["#1a2440", "#0c1326"], lambda p: p.polygon([(-10, 470), (260, 440), (1340, 440), (1610, 470),
        (1610, 660), (-10, 660)]))
    c.shade(roof, "#060a16", 90, 0.6, 0.8)
    c.draw("#2b3a5e", lambda p: p.polygon([(-10, 470), (260, 440), (1340, 440), (1610, 470), (1610, 486),
        (1340, 456), (260, 456), (-10, 486)]))
    colours = ("#c8402c", "#f2ead8", "#d98a3a", "#1f5c6b", "#8fa3ab", "#e6b89a", "#2c3f6b")
    for colour in colours:
        dots = []
        for _ in range(420):
            y = c.random.uniform(505, 655)
            dots.append((c.random.uniform(0, 1600), y, 3.2 + (y - 505) * 0.014))
        c.draw(colour, lambda p: [p.ellipse(*d) for d in dots], 0.72)
    c.draw("#c8402c", lambda p: p.box(-10, 648, 1610, 678))
    c.draw("#f2ead8", lambda p: [p.box(x, 655, x + 90, 671, 3) for x in range(30, 1600, 150)])
    horizon, point = 676, (800, 330)
    for i in range(-18, 18):
        a, b = 800 + i * 150, 800 + (i + 1) * 150

        def at(x, y):
            return point[0] + (x - point[0]) * (y - point[1]) / (1067 - point[1])
        strip = c.draw(["#2f7d55", "#1e6a45"] if i % 2 else ["#3a9162", "#2a7d52"], lambda p: p.polygon(
            [(at(a * 1.6 - 480, horizon), horizon), (at(b * 1.6 - 480, horizon), horizon),
             (at(b * 1.6 - 480, 1067), 1070), (at(a * 1.6 - 480, 1067), 1070)]))
        c.shade(strip, "#0f4a33", 90, 0.4, 0.35)
    c.light(800, 800, 760, "#d9ffd9", 0.34, ry=230)
    c.draw("#f4f1e6", lambda p: (p.line([(-10, 702), (1610, 702)], 4), p.line([(800, 702), (800, 1070)], 6),
                                 p.ring(800, 850, 300, 82, 6), p.ellipse(800, 850, 9, 4)))

    def player(x, y, s, shirt, shorts, run):
        c.shadow(x + 14 * s, y + 4, 46 * s, "#06251a", 0.85, ry=12 * s)
        c.draw("#e0b08c", lambda p: (p.line([(x - 5 * s, y - 40 * s), (x - 16 * s * run, y - 20 * s),
            (x - 22 * s * run, y)], 7 * s), p.line([(x + 5 * s, y - 40 * s), (x + 20 * s * run, y - 24 * s),
            (x + 14 * s * run, y - 2)], 7 * s), p.ellipse(x + 4 * s * run, y - 104 * s, 10 * s, 12 * s),
            p.line([(x + 12 * s, y - 82 * s), (x + 26 * s, y - 62 * s), (x + 30 * s, y - 76 * s)], 6 * s),
            p.line([(x - 12 * s, y - 82 * s), (x - 24 * s, y - 60 * s)], 6 * s)))
        c.draw("#2b1a17", lambda p: p.wedge(x + 4 * s * run, y - 106 * s, 11 * s, 12 * s, 180, 360))
        c.draw(shorts, lambda p: p.polygon([(x - 14 * s, y - 56 * s), (x + 14 * s, y - 56 * s),
            (x + 20 * s, y - 32 * s), (x, y - 38 * s), (x - 18 * s, y - 32 * s)]))
        body = c.draw(shirt, lambda p: p.polygon([(x - 17 * s, y - 92 * s), (x + 18 * s, y - 92 * s),
            (x + 14 * s, y - 52 * s), (x - 14 * s, y - 52 * s)]))
        c.shade(body, mix(shirt, "#0b1020", 0.6), 20, 0.7, 0.8)
    red, blue = ("#d3392b", "#f4efe2"), ("#f2c14e", "#1d2740")
    for x, y, s, kit, run in ((420, 760, 0.7, blue, 1), (1170, 770, 0.72, red, -1), (690, 790, 0.78, red, 1),
                              (960, 880, 1.12, blue, -1), (560, 930, 1.3, red, 1), (1290, 940, 1.3, blue, -1)):
        player(x, y, s, *kit, run)
    c.draw("#0a3323", lambda p: p.ellipse(664, 930, 17, 5), 0.6)
    c.draw("#fdfbef", lambda p: p.ellipse(660, 917, 14))
    c.draw("#20242e", lambda p: (p.ellipse(662, 915, 4.6), p.ellipse(651, 922, 3), p.ellipse(671, 923, 3)))
    c.mist(560, 800, "#cfe0ee", 0.16)
    return c.finish(vignette=0.4)


def fell_ridge():
    """Runners on the Brennick Round, above the cloud."""
    c = Canvas(STORY, "fells", [(0, "#5d86a8"), (0.35, "#c3cfd2"), (0.55, "#f6e0b8"), (1, "#f6e0b8")])
    c.light(360, 330, 640, "#fff6da", 0.95)
    c.draw("#fffaea", lambda p: p.ellipse(360, 320, 48))
    for level, amplitude, colour, haze in ((430, 110, "#9db2bd", "#f3e3c4"), (520, 120, "#7c98a6", "#e9dfc8"),
                                           (630, 130, "#567a8b", "#dcdcd0")):
        c.hills(c.ridge(level, amplitude, 0.48, 7, 3), [colour, mix(colour, "#f6e0b8", 0.35)],
            mix(colour, "#22303f", 0.5))
        c.mist(level + 40, level + 240, haze, 0.8, 0.6)
    value = c.profile(0.42, 6, 2)

    def crest(x):
        return 800 - 330 * math.exp(-((x - 1150) / 330) ** 2) - 90 * math.exp(-((x - 560) / 210) ** 2) - 26 * value(x / 1700)
    line = [(x, crest(x)) for x in range(-4, 1609, 4)]
    near = c.hills(line, ["#33596a", "#24444f", "#1b3038"])
    c.shade(near, "#0c1a20", 20, 0.9, 0.8)
    crags = []
    for _ in range(60):
        x = c.random.uniform(0, 1600)
        y = crest(x) + c.random.uniform(20, 260)
        s = c.random.uniform(14, 60)
        crags.append([(x, y), (x + s * 0.5, y + s * 0.8), (x + s * 0.2, y + s * 1.5),
            (x - s * 0.2, y + s * 0.9)])
    c.draw("#5f8291", lambda p: [p.polygon(k) for k in crags], 0.45)
    c.draw("#f2ead8", lambda p: p.polygon([(1141, crest(1150) + 4), (1159, crest(1150) + 4),
        (1156, crest(1150) - 30), (1144, crest(1150) - 30)]))
    colours = ("#d3392b", "#f2b632", "#f4efe2", "#2f8f83", "#f07f2f", "#d98fa0", "#3d5a80")
    for k in range(17):
        x = 300 + k * 50 + c.random.uniform(-14, 14)
        x = x if x < 1130 else x + 40
        y, s, step = crest(x) + 2, 0.86, 1 if k % 2 else -1
        kit = colours[k % 7]
        c.draw("#1b1a20", lambda p: (p.line([(x, y - 22 * s), (x - 9 * s, y - 12 * s),
            (x - 16 * s, y - 3 * step)], 4.4), p.line([(x, y - 22 * s), (x + 11 * s, y - 13 * s),
            (x + 10 * s, y)], 4.4)))
        c.draw("#c78f68", lambda p: (p.ellipse(x + 6 * s, y - 50 * s, 5.6),
            p.line([(x + 2, y - 38 * s), (x + 14 * s, y - 30 * s)], 3.6)))
        c.draw(kit, lambda p: p.line([(x, y - 22 * s), (x + 4 * s, y - 40 * s)], 10))
    cloud = c.profile(0.55, 6, 4)
    for level, tone, opacity in ((905, "#dfe3dc", 0.75), (965, "#eef0e6", 0.85), (1030, "#fbf8ec", 0.9)):
        pts = [(x, level - 46 * cloud((x + level) / 2800)) for x in range(-8, 1617, 8)]
        c.draw(tone, lambda p: p.polygon(pts + [(1620, 1090), (-10, 1090)]), opacity, blur=9)
    c.birds(4, (620, 170, 1000, 300), "#2a3a46", 22)
    return c.finish(vignette=0.3)


def regatta_sails():
    c = Canvas(STORY, "regatta", [(0, "#4f93b5"), (0.45, "#b9d9dc"), (0.56, "#f2e9cf"), (1, "#f2e9cf")])
    c.light(1240, 320, 640, "#fffbe6", 0.8)
    for x, y, s in ((180, 190, 1.3), (640, 120, 0.9), (1020, 240, 1.1), (1440, 130, 1.0)):
        puffs = [(x + k * 58 * s, y - (26 * s if k in (1, 2) else 0), 60 * s, 34 * s) for k in range(4)]
        mask = c.draw("#fdfaf0", lambda p: [p.ellipse(*q) for q in puffs], 0.85, blur=4)
        c.shade(mask, "#a9c3cc", 90, 0.7, 0.5)
    c.hills(c.ridge(585, 40, base=3), ["#6f97a3", "#a9c3b8"], bottom=625)
    c.hills(c.ridge(610, 18, base=5), ["#4f7a6d", "#7fa08a"], bottom=630)
    c.reflect(622, ["#5fa3b5", "#0f4a66"], 0.35, 8)
    for k in range(9):
        y = 650 + k * k * 5.4
        waves = smooth([(x, y + (7 + k) * math.sin(x / (34 + 9 * k) + k)) for x in range(-20, 1640, 20)], False,
            3)
        c.draw("#0f5a78" if k % 2 else "#bfe3e0", lambda p: p.line(waves, 1.5 + k * 0.5), 0.35)
    fleet = ((260, 668, 0.42), (470, 680, 0.5), (1210, 676, 0.46), (1400, 690, 0.52), (880, 690, 0.56),
        (640, 740, 0.8), (1120, 770, 0.95), (330, 860, 1.3), (1360, 930, 1.6), (800, 940, 1.55))
    colours = (("#d3392b", "#f4efe2"), ("#f2b632", "#1f5c6b"), ("#2f8f83", "#f4efe2"), ("#3d5a80", "#f2b632"),
               ("#e07a5f", "#f4efe2"))
    for k, (x, y, s) in enumerate(fleet):
        first, second = colours[k % 5]
        lean = 34 * s
        mast = (x + lean, y - 300 * s)
        c.shadow(x + 20 * s, y + 10 * s, 170 * s, "#062a40", 0.7, ry=24 * s)
        main = c.draw(["#fffdf4", "#e6e0cc"], lambda p: p.polygon(smooth([(mast[0] + 4 * s, mast[1]),
            (x + 96 * s, y - 120 * s), (x + 128 * s, y - 34 * s), (x + 10 * s, y - 30 * s)], True, 8)))
        c.shade(main, "#8fa3ab", 0, 0.7, 0.7)
        spin = c.draw(first, lambda p: p.polygon(smooth([(mast[0] - 2 * s, mast[1] + 26 * s),
            (x - 96 * s, y - 190 * s), (x - 138 * s, y - 78 * s), (x - 40 * s, y - 36 * s)], True, 8)))
        c.draw(second, lambda p: p.polygon(smooth([(x - 60 * s, y - 205 * s), (x - 112 * s, y - 150 * s),
            (x - 128 * s, y - 104 * s), (x - 8 * s, y - 128 * s), (x + 16 * s, y - 190 * s)], True, 6)))
        c.shade(spin, mix(first, "#1a1420", 0.6), 200, 0.7, 0.7)
        c.draw("#20242e", lambda p: p.line([(x + 4 * s, y), mast], 4.5 * s))
        hull = c.draw(["#fbf6ea", "#a9b3b3"], lambda p: p.polygon(smooth([(x - 150 * s, y - 24 * s),
            (x + 140 * s, y - 26 * s), (x + 120 * s, y + 14 * s), (x - 70 * s, y + 16 * s)], True, 6)))
        c.shade(hull, "#33505c", 90, 0.7, 0.8)
        c.draw(first, lambda p: p.line([(x - 128 * s, y - 14 * s), (x + 132 * s, y - 16 * s)], 5 * s))
        for q in (30, 62, 92):
            c.draw("#22303f", lambda p: p.ellipse(x + q * s, y - 36 * s, 11 * s, 15 * s))
            c.draw("#c78f68", lambda p: p.ellipse(x + q * s - 3 * s, y - 56 * s, 7.5 * s))
        c.draw("#ffffff", lambda p: p.line(smooth([(x - 160 * s, y + 8 * s), (x - 90 * s, y + 18 * s),
            (x + 60 * s, y + 19 * s), (x + 190 * s, y + 8 * s)], False), 5 * s), 0.8, blur=1)
    c.glints(640, 1060, "#ffffff", 160, 1100, 700, 90, 0.5)
    return c.finish(vignette=0.3)


def keeper_peg():
    """A changing room: ten red shirts and a green one."""
    c = Canvas(STORY, "keeper", [(0, "#dfe0d4"), (0.66, "#cfcdbd"), (0.67, "#6f7f86"), (1, "#4a5a62")])
    c.draw("#bdbcab", lambda p: [p.line([(x, 0), (x, 712)], 2) for x in range(0, 1601, 84)] +
           [p.line([(0, y), (1600, y)], 2) for y in range(30, 712, 58)], 0.8)
    c.beam((1320, -220), (200, 900), (1250, 1000), "#fffbe0", 0.6, 30)
    c.draw("#7a4a2a", lambda p: p.box(-10, 130, 1610, 164))
    for k in range(7):
        x = 130 + k * 223
        keeper = k == 4
        tone = "#3f9b63" if keeper else "#c8402c"
        c.draw("#d9d4c4", lambda p: p.ellipse(x, 148, 10))
        c.shadow(x + 26, 330, 150, "#4a4a44", 0.55, ry=210)
        shirt = [(x - 34, 182), (x - 96, 214), (x - 108, 300), (x - 62, 316), (x - 58, 500), (x - 20, 508),
            (x + 20, 508), (x + 58, 500), (x + 62, 316), (x + 108, 300), (x + 96, 214), (x + 34, 182), (x, 208)]
        mask = c.draw([mix(tone, "#ffffff", 0.1), tone], lambda p: p.polygon(shirt))
        if not keeper:
            c.draw("#f4efe2", lambda p: p.polygon([(x - 60, 330), (x + 60, 330), (x + 60, 352), (x - 60, 352)]))
        c.shade(mask, mix(tone, "#14101a", 0.7), 20, 0.8, 0.8)
        c.draw(mix(tone, "#14101a", 0.45), lambda p: (p.line([(x - 56, 316), (x - 60, 230)], 2.5),
            p.line([(x + 56, 316), (x + 60, 230)], 2.5), p.line(smooth([(x + 10, 380), (x + 18, 440),
            (x + 8, 500)], False), 3)), 0.7)
        c.draw("#f4efe2", lambda p: p.arc(x, 190, 34, 22, 10, 170, 6))
        if keeper:
            c.draw("#f4efe2", lambda p: (p.box(x - 9, 360, x + 9, 456),
                p.polygon([(x - 30, 388), (x + 2, 356), (x + 9, 376), (x - 20, 402)])))
    bench = c.draw(["#a9713f", "#6d4126"], lambda p: (p.box(-10, 700, 1610, 732), p.box(-10, 744, 1610, 770)))
    c.shade(bench, "#2a160c", 90, 0.7, 0.7)
    c.draw("#2b2f38", lambda p: [p.box(x, 770, x + 20, 900) for x in (140, 560, 980, 1400)])
    floor = c.mask(lambda p: p.box(-10, 880, 1610, 1080))
    c.shade(floor, "#22303a", 90, 0.9, 0.6)
    for gx, turn in ((990, -1), (1080, 1)):
        glove = c.draw(["#f4f0d8", "#c9d94a"], lambda p: (p.polygon(smooth([(gx - 34, 704), (gx - 38, 640),
            (gx - 30, 600), (gx + 30, 600), (gx + 38, 640), (gx + 34, 704)], True)),
            [p.line([(gx - 26 + f * 17, 612), (gx - 32 + f * 21, 548 + abs(f - 1.5) * 10)], 17)
            for f in range(4)], p.line([(gx + turn * 30, 650), (gx + turn * 58, 606)], 18)))
        c.shade(glove, "#4a5a1a", 60, 0.8, 0.7)
        c.draw("#22303a", lambda p: p.box(gx - 35, 668, gx + 35, 690, 5))
    for bx in (360, 440):
        boot = c.draw("#20242e", lambda p: p.polygon(smooth([(bx - 40, 930), (bx - 34, 884), (bx - 6, 880),
            (bx + 8, 906), (bx + 60, 918), (bx + 66, 940)], True, 6)))
        c.shade(boot, "#8fa3ab", 240, 0.3, 0.6)
        c.draw("#f2b632", lambda p: [p.line([(bx + q * 10, 900 + q * 4), (bx + 14 + q * 10, 894 + q * 4)], 3.5)
            for q in range(3)])
    c.shadow(720, 960, 130, "#14181c", 0.7, ry=26)
    ball = c.draw(["#fdfaf0", "#cfcfc4"], lambda p: p.ellipse(706, 900, 66))
    c.draw("#22262e", lambda p: [p.polygon([(706 + dx + 20 * math.cos(a * 1.2566 - 1.57),
        900 + dy + 20 * math.sin(a * 1.2566 - 1.57)) for a in range(5)]) for dx,
        dy in ((0, 0), (-48, 18), (44, 24), (0, -56), (-30, -40))])
    outside = c.mask(lambda p: p.ellipse(706, 900, 66))
    c.shade(outside, "#3a4048", 45, 0.7, 0.8)
    c.shade(ball, "#3a4048", 60, 0.4, 0.3)
    return c.finish(vignette=0.4)


def swimmers():
    """The Inner Basin from above, at seven in the morning."""
    c = Canvas(STORY, "swimmers", [(0, "#2c8f96"), (0.5, "#1f7484"), (1, "#155468")])
    c.light(420, 200, 900, "#a9efe0", 0.45)
    mesh = c.profile(0.7, 5, 9)
    for k in range(46):
        y0 = k * 26 - 20
        wave = smooth([(x, y0 + 14 * mesh(((x + k * 311) % 1600) / 1600) + 5 * math.sin(x / 60 + k))
            for x in range(-20, 1660, 40)], False, 3)
        c.draw("#bff2e6" if k % 3 else "#0f4558", lambda p: p.line(wave, 2.2), 0.22)
    stone = c.draw(["#c9bda6", "#9c9080"], lambda p: p.polygon([(-10, -10), (560, -10), (-10, 470)]))
    c.shade(stone, "#4a443c", 135, 0.5, 0.6)
    for k in range(6):
        d = 470 + k * 52
        tread = c.draw(mix("#b8ad97", "#1f7484", k * 0.16), lambda p: p.polygon(
            [(-10, d), (d * 1.19, -10), ((d + 50) * 1.19, -10), (-10, d + 50)]), 0.95 - k * 0.12)
        c.shade(tread, "#2a3a3c", 135, 0.4, 0.5)
        c.draw("#2a3a3c", lambda p: p.line([(-10, d + 50), ((d + 50) * 1.19, -10)], 3), 0.4)
    for x, y in ((90, 130), (176, 70), (60, 250)):
        c.draw(c.random.choice(("#d3392b", "#f2b632", "#3d5a80")), lambda p: p.box(x, y, x + 60, y + 38, 8))
        c.draw("#f4efe2", lambda p: [p.box(x + 8 + q * 18, y, x + 16 + q * 18, y + 38) for q in range(3)], 0.8)
    spots = ((760, 250, 20), (1030, 180, 160), (1300, 330, 200), (900, 470, 30), (1190, 560, 350),
        (640, 640, 330), (1440, 640, 180), (860, 800, 15), (1120, 860, 190), (500, 880, 350), (1420, 930, 200),
        (330, 720, 40))
    caps = ("#d3392b", "#f2b632", "#f4efe2", "#e07a5f", "#f07f2f", "#d98fa0", "#7ac28f", "#f2b632", "#d3392b",
        "#3d3a5a", "#f4efe2", "#e0a33a")
    for (x, y, turn), cap in zip(spots, caps):
        a = math.radians(turn)

        def at(px, py):
            return (x + px * math.cos(a) - py * math.sin(a), y + px * math.sin(a) + py * math.cos(a))
        for r in (60, 92, 130):
            c.draw("#dffaf2", lambda p: p.ring(x, y, r, r * 0.86, 2.6), 0.4 - r * 0.0022)
        skin = c.random.choice(("#e8bd9a", "#c78f68", "#8a5a3c", "#f0c9ab"))
        c.paint(c.mask(lambda p: p.polygon([at(-20, -16), at(-120, -14), at(-130, 14), at(-20, 16)]), 9),
            "#0d4054", 0.5)
        c.draw(mix(skin, "#1f7484", 0.42), lambda p: (p.line([at(-60, -8), at(-112, -18)], 12),
            p.line([at(-60, 8), at(-114, 12)], 12)), 0.8)
        suit = c.draw(c.random.choice(("#20242e", "#2c3f6b", "#5a1f3a")), lambda p: p.polygon(
            smooth([at(6, -20), at(-30, -22), at(-66, -14), at(-66, 14), at(-30, 22), at(6, 20)], True)))
        c.shade(suit, "#05070d", 60, 0.7, 0.6)
        c.draw(skin, lambda p: (p.line([at(4, -20), at(40, -46), at(78, -34)], 12),
            p.line([at(4, 20), at(-20, 52), at(-48, 50)], 12), p.ellipse(*at(8, 0), 17)))
        hat = c.draw(cap, lambda p: p.ellipse(*at(34, 0), 21))
        c.shade(hat, mix(cap, "#14101a", 0.7), 50, 0.8, 0.8)
        c.draw("#ffffff", lambda p: p.ellipse(*at(40, 0), 9), 0.75)
        c.draw("#ffffff", lambda p: p.line(smooth([at(86, -34), at(96, -20), at(92, -6)], False), 3.5), 0.8)
    for k in range(8):
        x, y = 700 + k * 112, 1010 - k * 26
        c.draw("#f07f2f" if k % 2 else "#f4efe2", lambda p: p.ellipse(x, y, 17))
    return c.finish(vignette=0.4)


SCENES = {f.__name__: f for f in (floodlights, fell_ridge, regatta_sails, keeper_peg, swimmers)}
