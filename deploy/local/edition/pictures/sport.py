"""Grounds, crews and fells."""
import math

from pictures.canvas import STORY, Canvas, mix, smooth


def floodlights():
    c = Canvas(STORY, "floodlights", [(0, "#0b1530"), (0.35, "#1d3560"), (0.62, "#5a6f8e"), (1, "#7d8896")])
    c.stars(70, 0, 260)
    for x, top in ((150, 130), (1450, 130), (470, 250), (1130, 250)):
        big = 1 if top < 200 else 0.66
        c.light(x, top, 620 * big, "#e8f2ff", 0.55)
        c.beam((x, top), (x + (500 if x < 800 else -500) - 260, 900), (x + (500 if x < 800 else -500) + 420, 900),
               "#e6f0ff", 0.28, 22)
        c.draw("#0a1122", lambda p: (p.polygon([(x - 12 * big, 640), (x + 12 * big, 640), (x + 5 * big, top), (x - 5 * big, top)]),
                                     p.box(x - 66 * big, top - 44 * big, x + 66 * big, top + 34 * big, 5)))
        c.draw("#fdfbef", lambda p: [p.ellipse(x + dx * 29 * big, top - 5 + dy * 24 * big, 10 * big)
                                     for dx in (-2, -1, 0, 1, 2) for dy in (-1, 0, 1)])
        c.light(x, top, 170 * big, "#ffffff", 0.9)
    roof = c.draw(["#1a2440", "#0c1326"], lambda p: p.polygon([(-10, 470), (260, 440), (1340, 440), (1610, 470), (1610, 660),
                                                               (-10, 660)]))
    c.shade(roof, "#060a16", 90, 0.6, 0.8)
    c.draw("#2b3a5e", lambda p: p.polygon([(-10, 470), (260, 440), (1340, 440), (1610, 470), (1610, 486), (1340, 456),
                                           (260, 456), (-10, 486)]))
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
        c.draw("#e0b08c", lambda p: (p.line([(x - 5 * s, y - 40 * s), (x - 16 * s * run, y - 20 * s), (x - 22 * s * run, y)], 7 * s),
                                     p.line([(x + 5 * s, y - 40 * s), (x + 20 * s * run, y - 24 * s), (x + 14 * s * run, y - 2)], 7 * s),
                                     p.ellipse(x + 4 * s * run, y - 104 * s, 10 * s, 12 * s),
                                     p.line([(x + 12 * s, y - 82 * s), (x + 26 * s, y - 62 * s), (x + 30 * s, y - 76 * s)], 6 * s),
                                     p.line([(x - 12 * s, y - 82 * s), (x - 24 * s, y - 60 * s)], 6 * s)))
        c.draw("#2b1a17", lambda p: p.wedge(x + 4 * s * run, y - 106 * s, 11 * s, 12 * s, 180, 360))
        c.draw(shorts, lambda p: p.polygon([(x - 14 * s, y - 56 * s), (x + 14 * s, y - 56 * s), (x + 20 * s, y - 32 * s), (x, y - 38 * s),
                                            (x - 18 * s, y - 32 * s)]))
        body = c.draw(shirt, lambda p: p.polygon([(x - 17 * s, y - 92 * s), (x + 18 * s, y - 92 * s), (x + 14 * s, y - 52 * s),
                                                  (x - 14 * s, y - 52 * s)]))
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


SCENES = {f.__name__: f for f in (floodlights,)}
