"""The harbour and the weather: charts, waves, ships, the mole."""
import math

from pictures.canvas import STORY, Canvas, contours, mix, smooth

ISLAND = [(700, 420), (780, 380), (870, 400), (930, 360), (1010, 400), (1030, 480), (1090, 540), (1060, 620),
          (1000, 650), (980, 730), (900, 760), (850, 720), (770, 740), (720, 680), (740, 600), (680, 560), (660, 480)]


def weather_map():
    """A deep low south-west of the island, isobars tight on its eastern side."""
    c = Canvas(STORY, "weather-map", [(0, "#10314a"), (0.5, "#17506a"), (1, "#0d2b45")])
    wobble_x, wobble_y = c.profile(0.5, 4, 3), c.profile(0.5, 4, 3)

    def pressure(x, y):
        dx, dy = (x - 470) / 330, (y - 640) / 270
        low = 62 * math.exp(-(dx * dx + dy * dy + 0.35 * dx * dy) ** 0.62)
        high = 26 * math.exp(-(((x - 1420) / 520) ** 2 + ((y - 180) / 420) ** 2))
        return 1012 - low + high + 2.2 * wobble_x(x / 1700) + 2.2 * wobble_y(y / 1100)
    levels = list(range(952, 1044, 4))
    lines = contours(pressure, c.width, c.height, levels)
    for radius, strength in ((560, 0.5), (380, 0.5), (230, 0.6)):
        c.shadow(470, 640, radius, "#041426", strength, ry=radius * 0.85)
    c.light(1420, 180, 700, "#2e8c96", 0.4)
    c.draw("#7fb3b8", lambda p: [p.line([(x, 0), (x, 1067)], 1) for x in range(120, 1600, 230)] +
           [p.line([(0, y), (1600, y)], 1) for y in range(90, 1067, 210)], 0.22)
    outline = smooth(ISLAND)
    c.draw("#03101c", lambda p: p.polygon([(x + 10, y + 14) for x, y in outline]), 0.5, blur=10)
    for grow, colour in ((30, "#1f6279"), (15, "#2c7a8a")):
        c.draw(colour, lambda p: (p.polygon(outline), p.line(outline + outline[:1], grow * 2)), 0.5, blur=2)
    land = c.polygon_mask(outline)
    c.paint(land, ["#e6d3a3", "#b9b27a"])
    c.shade(land, "#7d8a55", 40, 0.9, 0.8)
    c.draw("#e6d3a3", lambda p: p.blob([(1120, 690), (1160, 676), (1182, 704), (1150, 730), (1116, 718)]))
    c.draw("#2a6f86", lambda p: p.line(smooth([(1000, 650), (950, 600), (930, 540), (880, 500), (850, 440)],
        False), 6))
    c.draw("#c8402c", lambda p: p.ellipse(994, 646, 10))
    c.draw("#f6efe0", lambda p: p.ellipse(994, 646, 4))
    for level in levels:
        bold = level % 20 == 0
        c.draw("#f4e9cf", lambda p: [p.line(list(s), 4.2 if bold else 2.2, round_ends=bold)
            for s in lines[level]], 0.95 if bold else 0.62)

    def front(points, colour, warm):
        path = smooth(points, False, 30)
        c.draw(colour, lambda p: p.line(path, 9))

        def marks(p):
            for i in range(16, len(path) - 16, 34):
                (x0, y0), (x1, y1) = path[i - 8], path[i + 8]
                mx, my = path[i]
                nx, ny = (y1 - y0), -(x1 - x0)
                size = math.hypot(nx, ny) or 1
                nx, ny = nx / size, ny / size
                if warm:
                    angle = math.degrees(math.atan2(ny, nx))
                    p.wedge(mx, my, 20, 20, angle - 90, angle + 90)
                else:
                    p.polygon([(x0, y0), (x1, y1), (mx + nx * 30, my + ny * 30)])
        c.draw(colour, marks)
    front([(520, 660), (600, 760), (640, 870), (640, 980), (610, 1090)], "#4aa3ff", False)
    front([(500, 610), (640, 560), (790, 560), (930, 610), (1080, 720), (1230, 870)][:5], "#ff6b57", True)
    swirl = [(470 + r * math.cos(a), 640 + r * 0.86 * math.sin(a)) for a, r in
             ((t * 0.12, 8 + t * 1.15) for t in range(90))]
    c.draw("#ffffff", lambda p: p.line(swirl, 5), 0.5, blur=3)
    c.draw("#ffffff", lambda p: p.line([(456, 606), (456, 668), (496, 668)], 13))
    c.draw("#f6d27a", lambda p: (p.line([(1392, 146), (1392, 212)], 12), p.line([(1438, 146), (1438, 212)], 12),
                                 p.line([(1392, 180), (1438, 180)], 12)))
    return c.finish(vignette=0.4)


def _lighthouse(c, x, base, tall, body="#f0e6d2", stripe="#c8402c", dark="#141c2c"):
    top = base - tall
    wide = tall * 0.13
    tower = c.draw(body, lambda p: p.polygon([(x - wide, base), (x + wide, base), (x + wide * 0.62, top),
                                              (x - wide * 0.62, top)]))
    for k in (0.2, 0.55):
        y0, y1 = base - tall * k, base - tall * (k + 0.18)
        w0, w1 = (wide * (1 - 0.38 * s) for s in (k, k + 0.18))
        c.draw(stripe, lambda p: p.polygon([(x - w0, y0), (x + w0, y0), (x + w1, y1), (x - w1, y1)]))
    c.shade(tower, dark, 0, 0.75, 0.85)
    c.draw(dark, lambda p: (p.box(x - wide * 0.95, top - 5, x + wide * 0.95, top + 4),
        p.box(x - wide * 0.5, top - 42, x + wide * 0.5, top - 5),
        p.polygon([(x - wide * 0.66, top - 40), (x, top - 66), (x + wide * 0.66, top - 40)]),
        p.line([(x, top - 60), (x, top - 86)], 3)))
    c.draw("#fff3c4", lambda p: p.box(x - wide * 0.36, top - 36, x + wide * 0.36, top - 10))
    return top - 23


def _sea(c, base, peak, length, phase, colour, foam, lean=0.25):
    """One row of steep, leaning waves across the picture, with foam along the crests."""
    noise = c.profile(0.5, 4, 5)

    def crest(x):
        u = ((x + phase) / length) % 1
        rise = u ** (1 + lean * 3)
        fall = (1 - u) ** (1 + lean)
        cusp = max(rise * (1 if u < 0.86 else 0), fall if u >= 0.86 else 0) if lean > 0.9 else \
            1 - abs(math.sin(math.pi * u)) ** 0.62
        return base - peak * cusp - 0.2 * peak * noise(x / 1700)
    line = [(x, crest(x)) for x in range(-6, c.width + 8, 5)]
    mask = c.polygon_mask(line + [(c.width + 10, c.height + 10), (-10, c.height + 10)])
    c.paint(mask, [mix(colour, "#ffffff", 0.18), colour, mix(colour, "#03101c", 0.5)])
    c.shade(mask, mix(colour, "#02080f", 0.6), 90, 0.8, 0.5)
    c.draw(foam, lambda p: p.line(line, 7), 0.9)
    streaks = []
    for _ in range(26):
        x = c.random.uniform(0, c.width)
        down = c.random.uniform(12, peak * 0.9)
        streaks.append(smooth([(x + k * 22, crest(x + k * 22) + down + 5 * math.sin(k)) for k in range(6)],
            False, 5))
    c.draw(foam, lambda p: [p.line(s, 2.4) for s in streaks], 0.4)


def _spray(c, x, y, size, count=420, colour="#f4f1e6"):
    drops = []
    for _ in range(count):
        angle = c.random.gauss(-math.pi / 2, 0.5)
        far = size * abs(c.random.gauss(0.55, 0.27))
        drops.append((x + far * math.cos(angle) * 0.9, y + far * math.sin(angle),
                      max(1.2, 10 * (1.1 - far / size) * c.random.random())))
    c.paint(c.disc(x, y - size * 0.35, size * 0.55, size * 0.75), colour, 0.75)
    c.draw(colour, lambda p: [p.ellipse(*d) for d in drops], 0.92)


def mole_storm():
    c = Canvas(STORY, "mole-storm", [(0, "#131c2b"), (0.45, "#33475a"), (0.75, "#7c8b8c"), (1, "#93998f")])
    for _ in range(16):
        x, y = c.random.uniform(-100, 1700), c.random.uniform(-40, 420)
        c.paint(c.disc(x, y, c.random.uniform(240, 520), c.random.uniform(60, 130)),
                c.random.choice(("#0f1724", "#1d2a3a", "#52656f")), 0.55)
    c.light(1130, 300, 520, "#d8c58f", 0.4)
    lamp = (1226, 300)
    c.beam(lamp, (-200, 120), (-200, 330), "#fff0bd", 0.75, 14)
    c.beam(lamp, (1700, 330), (1700, 420), "#fff0bd", 0.7, 10)
    _sea(c, 640, 46, 260, 40, "#4a6670", "#c9d2cc")
    _sea(c, 690, 60, 330, 190, "#33525f", "#d7ddd4")
    stone = c.draw(["#4d4a4c", "#2a2b33"], lambda p: p.polygon(
        [(760, 700), (860, 640), (1700, 620), (1700, 900), (700, 900)]))
    c.shade(stone, "#15171f", 60, 0.8, 0.8)
    c.draw("#1b1d26", lambda p: [p.line([(820 + k * 74, 646), (806 + k * 74, 860)], 2.4) for k in range(12)] +
           [p.line([(780, y), (1700, y - 12)], 2.4) for y in (690, 740, 790)], 0.6)
    y = _lighthouse(c, 1226, 634, 300)
    c.light(1226, y, 190, "#fff3c4", 1)
    _spray(c, 812, 680, 430, 620)
    _spray(c, 1010, 660, 260, 260)
    _sea(c, 810, 92, 420, 330, "#21434f", "#e3e6dc")
    c.draw("#3a3a40", lambda p: [p.polygon([(x, y), (x + s, y - s * 0.4), (x + s * 1.5, y + s * 0.2),
        (x + s * 0.8, y + s)]) for x, y, s in ((640, 770, 44), (720, 742, 58), (560, 812, 36), (786, 790, 40))])
    _sea(c, 930, 120, 560, 120, "#16323f", "#eef0e6")
    _sea(c, 1046, 110, 700, 520, "#0e2430", "#eef0e6")
    rain = [(c.random.uniform(-100, 1700), c.random.uniform(-50, 1067), c.random.uniform(24, 70))
        for _ in range(420)]
    c.draw("#dfe6e4", lambda p: [p.line([(x, y), (x - s * 0.55, y + s)], 1.1, round_ends=False) for x, y,
        s in rain], 0.28)
    return c.finish(vignette=0.4)


def pilots_night():
    """The pilot cutter under the side of a ship."""
    c = Canvas(STORY, "pilots", [(0, "#0a1428"), (0.5, "#16304d"), (0.7, "#2d5066"), (1, "#2d5066")])
    c.stars(160, 0, 520)
    c.light(1240, 210, 420, "#dfe9f5", 0.5)
    moon = c.draw("#f3eeda", lambda p: p.ellipse(1240, 210, 58))
    c.shade(moon, "#a9b3b8", 40, 0.8, 0.7)
    c.hills(c.ridge(700, 20, base=4), ["#1b3347", "#21415a"], bottom=720)
    c.draw("#ffd98c", lambda p: [p.ellipse(x, 700 + (x * 7) % 9, 2) for x in range(900, 1600, 37)], 0.8)
    c.reflect(712, ["#1a3a50", "#081624"], 0.5, 10)
    c.glints(720, 1060, "#e6eef2", 150, 1240, 420, 130, 0.5)
    hull = c.draw(["#a5362a", "#5d1a1c"], lambda p: p.polygon([(-20, 250), (640, 300), (850, 330), (770, 860),
        (-20, 900)]))
    c.shade(hull, "#1c0a10", 0, 0.9, 0.9)
    c.draw("#1a1f2b", lambda p: p.polygon([(-20, 780), (784, 764), (770, 860), (-20, 900)]))
    c.draw("#f0e6d2", lambda p: [p.line([(810 - k * 3, 420 + k * 60), (830 - k * 3, 420 + k * 60)], 5)
        for k in range(6)])
    house = c.draw(["#e9e0cc", "#9aa4a6"], lambda p: (p.box(-20, 60, 300, 270), p.box(-20, -20, 220, 60)))
    c.shade(house, "#2c3846", 0, 0.7, 0.8)
    c.draw("#ffe7a6", lambda p: [p.box(20 + k * 52, y, 50 + k * 52, y + 26, 3) for k in range(5)
        for y in (92, 160, 220)])
    for x in (120, 330, 560):
        c.light(x, 282, 120, "#ffd98c", 0.7)
    c.draw("#e8d9b0", lambda p: (p.line([(742, 330), (722, 800)], 3), p.line([(766, 332), (746, 800)], 3),
                                 [p.line([(740 - k * 0.9, 350 + k * 24), (766 - k * 0.9, 350 + k * 24)], 4)
                                  for k in range(19)]))
    c.draw("#f2b632", lambda p: (p.ellipse(748, 560, 13, 24), p.ellipse(748, 528, 10, 11),
                                 p.line([(744, 578), (738, 622)], 9), p.line([(752, 578), (756, 612)], 9)))
    c.beam((1010, 700), (700, 430), (800, 680), "#fff2c4", 0.65, 10)
    foam = [(780 + 12 * k, 874 + 10 * math.sin(k)) for k in range(40)]
    c.draw("#dfe9ea", lambda p: p.line(smooth(foam, False, 4), 9), 0.6, blur=3)
    boat = c.draw(["#f07f2f", "#c2481c"], lambda p: p.polygon(smooth([(850, 800), (1180, 810), (1230, 812),
        (1180, 886), (930, 892), (880, 860)], True, 8)))
    c.shade(boat, "#5d1a10", 60, 0.8, 0.8)
    cabin = c.draw("#f4ecda", lambda p: p.polygon([(950, 800), (970, 720), (1090, 720), (1120, 806)]))
    c.shade(cabin, "#6c7a84", 20, 0.8, 0.8)
    c.draw("#20374a", lambda p: p.polygon([(978, 764), (988, 734), (1080, 734), (1098, 768)]))
    c.draw("#ffe7a6", lambda p: p.polygon([(1040, 764), (1040, 734), (1080, 734), (1098, 768)]), 0.8)
    c.draw("#20242e", lambda p: (p.line([(1040, 720), (1040, 650)], 4), p.line([(1016, 690), (1064, 690)], 3)))
    c.light(1010, 700, 110, "#fff6d8", 1)
    c.light(1040, 650, 60, "#ff5a4a", 0.9)
    _sea(c, 925, 34, 380, 90, "#1a3a4c", "#dfe9ea")
    _sea(c, 1010, 44, 520, 260, "#102a3a", "#dfe9ea")
    return c.finish(vignette=0.45)


def herring():
    """A shoal, turning."""
    c = Canvas(STORY, "herring", [(0, "#2d8f9b"), (0.4, "#1b6078"), (1, "#0a2740")])
    c.light(520, -60, 900, "#c4f0e0", 0.6, ry=560)
    for k in range(7):
        c.beam((420 + k * 60, -240), (k * 260 - 260, 1100), (k * 260 - 150, 1100), "#bfeee0", 0.16, 22)
    fish = []
    for ring in range(9):
        radius = 170 + ring * 74
        for k in range(int(radius / 17)):
            a = k * 2 * math.pi / int(radius / 17) + ring * 0.4 + c.random.uniform(-0.09, 0.09)
            x, y = 880 + radius * 1.22 * math.cos(a), 560 + radius * 0.72 * math.sin(a) + c.random.uniform(-14,
                14)
            heading = math.atan2(0.72 * math.cos(a), -1.22 * math.sin(a)) + c.random.uniform(-0.12, 0.12)
            if -80 < x < 1680 and -60 < y < 1130:
                fish.append((x, y, heading, (0.62 + ring * 0.075) * c.random.uniform(0.85, 1.1)))

    def place(f, points):
        x, y, a, s = f
        return [(x + s * (px * math.cos(a) - py * math.sin(a)), y + s * (px * math.sin(a) + py * math.cos(a)))
                for px, py in points]
    body = [(46, 0), (26, -13), (-6, -13), (-38, -3), (-38, 3), (-6, 12), (26, 12)]
    back = [(45, -1), (26, -13), (-6, -13), (-38, -3), (-6, -5), (26, -4)]
    tail = [(-34, 0), (-60, -17), (-52, 0), (-60, 17)]
    groups = [fish[i::4] for i in range(4)]
    for group, tone in zip(groups, ("#c9dde0", "#eef2ea", "#9fc3cc", "#dfe8dc")):
        c.draw("#041a2c", lambda p: [p.blob(place((f[0] + 8, f[1] + 14, f[2], f[3]), body)) for f in group],
            0.3, blur=6)
        mask = c.draw(tone, lambda p: [(p.polygon(smooth(place(f, body), True, 5)), p.polygon(place(f, tail)))
                                       for f in group])
        c.draw("#2b5f7c", lambda p: [p.polygon(smooth(place(f, back), True, 5)) for f in group], 0.85)
        c.shade(mask, "#0a2740", 90, 0.9, 0.28)
        c.draw("#0a1c2c", lambda p: [p.ellipse(*place(f, [(33, -2)])[0], 3.4 * f[3]) for f in group])
        c.draw("#ffffff", lambda p: [p.line(place(f, [(-20, 4), (22, 4)]), 2 * f[3]) for f in group], 0.7)
    gold = (905, 330, 0.12, 1.5)
    c.draw("#f0a93a", lambda p: (p.blob(place(gold, body)), p.polygon(place(gold, tail))))
    c.draw("#b5601c", lambda p: p.blob(place(gold, back)), 0.8)
    c.draw("#1c1210", lambda p: p.ellipse(*place(gold, [(33, -2)])[0], 5))
    return c.finish(vignette=0.4)


def _cottage(c, x, base, wide, wall="#f4eddd", roof="#3c4250"):
    tall = wide * 0.5
    body = c.draw(wall, lambda p: (p.box(x, base - tall, x + wide, base),
        p.polygon([(x, base - tall + 1), (x + wide * 0.12, base - tall * 1.8),
        (x + wide * 0.88, base - tall * 1.8), (x + wide, base - tall + 1)], 0)))
    top = c.draw(roof, lambda p: (p.polygon([(x - 4, base - tall + 2), (x + wide * 0.1, base - tall * 1.75),
        (x + wide * 0.9, base - tall * 1.75), (x + wide + 4, base - tall + 2)]),
        p.box(x + wide * 0.16, base - tall * 2.1, x + wide * 0.26, base - tall * 1.7)))
    c.shade(body, "#77838c", 0, 0.6, 0.6)
    c.shade(top, "#171b26", 0, 0.7, 0.7)
    c.draw("#33404e", lambda p: (p.box(x + wide * 0.2, base - tall * 0.7, x + wide * 0.34, base - tall * 0.3),
                                 p.box(x + wide * 0.68, base - tall * 0.7, x + wide * 0.82, base - tall * 0.3)))
    c.draw("#b5432f", lambda p: p.box(x + wide * 0.45, base - tall * 0.62, x + wide * 0.58, base))


def little_orsey():
    """The island's jetty on the morning after: one person, no ferry."""
    c = Canvas(STORY, "orsey", [(0, "#b7c3c9"), (0.45, "#dcdcd2"), (0.6, "#efe2c8"), (1, "#efe2c8")])
    c.light(360, 470, 620, "#fff4d8", 0.7)
    for _ in range(9):
        c.paint(c.disc(c.random.uniform(0, 1600), c.random.uniform(30, 330), c.random.uniform(200, 420),
                       c.random.uniform(26, 60)), "#94a3ad", 0.5)
    c.hills([(x, 612 - 22 * math.exp(-((x - 250) / 190) ** 2)) for x in range(-4, 700, 4)] + [(700, 640)],
        "#a5b3b8", bottom=640)
    island = [(620, 640), (700, 610), (800, 560), (930, 500), (1060, 470), (1180, 430), (1300, 440),
        (1420, 500), (1520, 560), (1620, 590)]
    land = c.polygon_mask(smooth(island, False) + [(1620, 680), (600, 680)])
    c.paint(land, ["#8d9a6a", "#5f7350", "#4c5d4c"])
    c.shade(land, "#34463f", 90, 0.8, 0.7)
    c.draw("#d9d2bd", lambda p: [p.line(smooth(w, False), 2.5) for w in (
        [(860, 560), (980, 548), (1100, 560), (1240, 540)], [(1100, 480), (1120, 540), (1180, 600)],
        [(1300, 450), (1320, 540), (1400, 600)])], 0.7)
    for x, y, w in ((880, 596, 66), (960, 572, 70), (1046, 590, 78), (1150, 566, 74), (1240, 600, 84),
            (1350, 584, 76), (1440, 612, 80), (1120, 624, 86), (1010, 634, 70)):
        _cottage(c, x, y, w)
    c.draw("#efe8d8", lambda p: (p.box(1262, 448, 1330, 500),
        p.polygon([(1256, 450), (1296, 416), (1336, 450)]), p.box(1244, 410, 1268, 500),
        p.polygon([(1240, 412), (1256, 372), (1272, 412)])))
    c.reflect(668, ["#b3bfbf", "#5e7781"], 0.62, 7)
    c.glints(680, 1060, "#fff6e2", 110, 380, 560, 150, 0.55)
    jetty = c.draw(["#6d5a48", "#3a2e28"], lambda p: p.polygon([(1640, 830), (820, 770), (800, 790),
        (1640, 1010)]))
    c.shade(jetty, "#1c1614", 90, 0.7, 0.7)
    c.draw("#2a211e", lambda p: [p.line([(x, 776 + (x - 820) * 0.2), (x, 776 + (x - 820) * 0.33 + 50)],
        9 + (x - 820) * 0.012) for x in range(830, 1640, 130)])
    c.draw("#241c1a", lambda p: [p.line([(820 + k * 34, 771 + k * 2.6), (800 + k * 36, 791 + k * 9.6)], 1.6)
                                 for k in range(26)], 0.6)
    x, y = 1010, 818
    c.shadow(x + 26, y + 4, 60, "#1c1614", 0.8, ry=12)
    coat = c.draw("#c8402c", lambda p: p.polygon([(x - 14, y - 92), (x + 15, y - 92), (x + 28, y - 22),
        (x - 26, y - 22)]))
    c.shade(coat, "#5a1418", 0, 0.7, 0.8)
    c.draw("#22242e", lambda p: (p.line([(x - 9, y - 24), (x - 10, y)], 10),
        p.line([(x + 10, y - 24), (x + 11, y)], 10)))
    c.draw("#8a5a3c", lambda p: p.ellipse(x - 2, y - 106, 12, 14))
    c.draw("#1f3a4d", lambda p: (p.wedge(x - 1, y - 107, 15, 17, 170, 370), p.ellipse(x + 12, y - 106, 5, 12)))
    c.draw("#d9b36a", lambda p: (p.box(x + 38, y - 40, x + 80, y, 5),
        p.arc(x + 59, y - 40, 12, 10, 180, 360, 4)))
    c.birds(9, (240, 250, 900, 480), "#4a5862", 17)
    return c.finish(vignette=0.3)


def ferry_dawn():
    """The Lady Orsey comes in past the rock barge."""
    c = Canvas(STORY, "ferry", [(0, "#3f6c8f"), (0.35, "#a9b9b5"), (0.52, "#f4cf98"), (0.62, "#f7b26b"),
        (1, "#f7b26b")])
    c.light(470, 630, 640, "#fff0c0", 0.95)
    c.draw("#fff5da", lambda p: p.ellipse(470, 610, 52))
    for _ in range(8):
        c.paint(c.disc(c.random.uniform(0, 1600), c.random.uniform(60, 420), c.random.uniform(180, 460),
                       c.random.uniform(10, 30)), "#f6dcc0", 0.6)
    c.hills(c.ridge(626, 26, base=3), ["#8a8f9a", "#c99a7a"], bottom=664)
    wall = c.draw(["#4f4a50", "#2b2a33"], lambda p: (p.polygon([(-10, 618), (250, 622), (290, 660),
        (-10, 664)]), p.polygon([(560, 660), (600, 622), (800, 618), (812, 664)])))
    c.shade(wall, "#15171f", 90, 0.8, 0.6)
    _lighthouse(c, 730, 620, 170)
    c.draw("#3d3a40", lambda p: (p.polygon([(300, 626), (560, 626), (540, 664), (318, 664)]),
        p.polygon([(320, 628), (350, 590), (380, 612), (410, 580), (450, 606), (470, 628)])))
    c.draw("#b5432f", lambda p: (p.line([(500, 626), (500, 540)], 9), p.line([(500, 548), (400, 470)], 6),
                                 p.line([(500, 548), (540, 566)], 6), p.line([(400, 470), (400, 560)], 2),
                                 p.polygon([(388, 560), (412, 560), (418, 582), (384, 582)])))
    c.reflect(662, ["#e0a070", "#26465c"], 0.66, 9)
    c.glints(670, 1060, "#fff3d0", 170, 470, 430, 150, 0.65)
    wake = [(1500, 880), (1640, 850), (1640, 1010), (1420, 930)]
    c.draw("#fbf0da", lambda p: p.polygon(smooth(wake, True)), 0.5, blur=9)
    c.draw("#0c1c2a", lambda p: p.ellipse(1130, 915, 470, 30), 0.5, blur=14)
    hull = c.draw(["#c8402c", "#7a1f20"], lambda p: p.polygon(smooth([(690, 742), (760, 770), (1400, 772),
        (1530, 752), (1500, 880), (1440, 914), (800, 914), (742, 850)], True, 8)))
    c.shade(hull, "#2e0a12", 0, 0.9, 0.8)
    c.draw("#f7efe0", lambda p: p.polygon([(700, 752), (1526, 760), (1522, 780), (708, 774)]))
    deck = c.draw(["#fbf4e4", "#cfd3cc"], lambda p: (p.polygon([(800, 760), (826, 670), (1440, 670),
        (1470, 762)]), p.polygon([(880, 672), (900, 600), (1330, 600), (1350, 672)]),
        p.polygon([(900, 602), (918, 546), (1070, 546), (1080, 602)])))
    c.shade(deck, "#7f8a94", 0, 0.8, 0.7)
    c.draw("#24465c", lambda p: ([p.box(850 + k * 58, 700, 888 + k * 58, 732, 6) for k in range(10)],
                                 [p.box(920 + k * 58, 622, 956 + k * 58, 652, 5) for k in range(7)],
                                 p.polygon([(918, 584), (928, 558), (1062, 558), (1068, 584)])))
    c.draw("#ffe3a0", lambda p: [p.box(850 + k * 58, 700, 888 + k * 58, 732, 6) for k in (1, 2, 5, 8)], 0.8)
    funnel = c.draw("#e0a33a", lambda p: p.polygon([(1170, 602), (1184, 500), (1256, 500), (1266, 602)]))
    c.shade(funnel, "#8a4f14", 0, 0.8, 0.8)
    c.draw("#1c2430", lambda p: (p.polygon([(1182, 516), (1184, 496), (1256, 496), (1258, 516)]),
                                 p.line([(1000, 546), (1000, 450)], 4), p.line([(960, 480), (1040, 480)], 3)))
    for k in range(7):
        c.paint(c.disc(1230 + k * 54, 470 - k * 26, 54 + k * 14, 30 + k * 9), "#5d5560", 0.4 - k * 0.04)
    people = [(820 + k * 23 + c.random.uniform(-5, 5), c.random.choice(("#f2b632", "#2f8f83", "#3d5a80",
        "#d3392b"))) for k in range(14)]
    for x, coat in people:
        c.draw(coat, lambda p: p.box(x - 6, 645, x + 6, 671, 4))
        c.draw("#7a4a34", lambda p: p.ellipse(x, 639, 6))
    c.draw("#fdf6e6", lambda p: (p.polygon(smooth([(690, 850), (740, 884), (800, 915), (700, 926), (640, 900)],
        True, 6)), p.line(smooth([(660, 905), (900, 925), (1300, 920), (1500, 900)], False), 8)), 0.85, blur=2)
    c.birds(11, (620, 330, 1500, 520), "#33404e", 19)
    return c.finish(vignette=0.3)


SCENES = {f.__name__: f for f in (weather_map, mole_storm, pilots_night, herring, little_orsey, ferry_dawn)}
