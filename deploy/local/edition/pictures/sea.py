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
    c.draw("#2a6f86", lambda p: p.line(smooth([(1000, 650), (950, 600), (930, 540), (880, 500), (850, 440)], False), 6))
    c.draw("#c8402c", lambda p: p.ellipse(994, 646, 10))
    c.draw("#f6efe0", lambda p: p.ellipse(994, 646, 4))
    for level in levels:
        bold = level % 20 == 0
        c.draw("#f4e9cf", lambda p: [p.line(list(s), 4.2 if bold else 2.2, round_ends=bold) for s in lines[level]],
               0.95 if bold else 0.62)

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
        streaks.append(smooth([(x + k * 22, crest(x + k * 22) + down + 5 * math.sin(k)) for k in range(6)], False, 5))
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
    c.draw("#3a3a40", lambda p: [p.polygon([(x, y), (x + s, y - s * 0.4), (x + s * 1.5, y + s * 0.2), (x + s * 0.8, y + s)])
                                 for x, y, s in ((640, 770, 44), (720, 742, 58), (560, 812, 36), (786, 790, 40))])
    _sea(c, 930, 120, 560, 120, "#16323f", "#eef0e6")
    _sea(c, 1046, 110, 700, 520, "#0e2430", "#eef0e6")
    rain = [(c.random.uniform(-100, 1700), c.random.uniform(-50, 1067), c.random.uniform(24, 70)) for _ in range(420)]
    c.draw("#dfe6e4", lambda p: [p.line([(x, y), (x - s * 0.55, y + s)], 1.1, round_ends=False) for x, y, s in rain],
           0.28)
    return c.finish(vignette=0.4)


SCENES = {f.__name__: f for f in (weather_map, mole_storm)}
