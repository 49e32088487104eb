"""The city of Averley: its bridge, its council, its streets."""
import math

from pictures.canvas import STORY, Canvas, mix, smooth


def _skyline(c, level, colour, low=20, high=110, windows=None):
    x, boxes, lit = -10, [], []
    while x < c.width + 20:
        wide, tall = c.random.randint(26, 78), c.random.randint(low, high)
        boxes.append((x, level - tall, x + wide, level + 8, c.random.random()))
        for wx in range(int(x) + 7, int(x + wide) - 8, 12):
            for wy in range(int(level - tall) + 9, int(level) - 8, 15):
                if windows and c.random.random() < 0.3:
                    lit.append((wx, wy))
        x += wide + c.random.choice((0, 0, 0, 6))

    def draw(p):
        for x0, y0, x1, y1, kind in boxes:
            p.box(x0, y0, x1, y1)
            if kind > 0.6:
                p.polygon([(x0, y0 + 1), ((x0 + x1) / 2, y0 - (x1 - x0) * 0.45), (x1, y0 + 1)])
            elif kind > 0.52:
                p.box((x0 + x1) / 2 - 4, y0 - 70, (x0 + x1) / 2 + 4, y0)
                p.polygon([((x0 + x1) / 2 - 9, y0 - 40), ((x0 + x1) / 2, y0 - 96),
                    ((x0 + x1) / 2 + 9, y0 - 40)])
    c.draw(colour, draw)
    if windows:
        c.draw(windows, lambda p: [p.box(x, y, x + 4, y + 6) for x, y in lit], 0.85)


def _suspension_bridge(c, colour, deck, towers, top, sag, lamps=None, dark=None):
    left, right = towers

    def cable(x):
        if left <= x <= right:
            t = (x - left) / (right - left) * 2 - 1
            return sag + (top - sag) * t * t
        t = min(1, ((left - x) if x < left else (x - right)) / 480)
        return top + (deck - 4 - top) * (1 - (1 - t) ** 1.35)

    def draw(p):
        p.box(-10, deck, c.width + 10, deck + 13)
        for x in range(-10, c.width + 20, 26):
            p.line([(x, deck + 13), (x + 13, deck + 27), (x + 26, deck + 13)], 2.2, round_ends=False)
        p.box(-10, deck + 26, c.width + 10, deck + 30)
        p.line([(x, cable(x)) for x in range(-20, c.width + 21, 10)], 6)
        p.line([(x, cable(x) + 9) for x in range(-20, c.width + 21, 10)], 2.5)
        for x in range(left - 476, right + 477, 26):
            if abs(x - left) > 14 and abs(x - right) > 14:
                p.line([(x, cable(x)), (x, deck)], 1.7, round_ends=False)
        for x in towers:
            for side in (-1, 1):
                p.polygon([(x + side * 36, deck + 210), (x + side * 12, deck + 210), (x + side * 9, top - 6),
                           (x + side * 25, top - 6)])
                p.polygon([(x + side * 27, top - 6), (x + side * 18, top - 46), (x + side * 9, top - 6)])
            for y in (top + 4, top + 110, deck - 96):
                p.box(x - 28, y, x + 28, y + 20)
            p.wedge(x, deck - 44, 22, 44, 180, 360)
            p.ellipse(x, deck - 34, 13, 30, 0)
            p.box(x - 13, deck - 34, x + 13, deck, ink=0)
            p.box(x - 58, deck + 150, x + 58, deck + 330)
    mask = c.draw(colour, draw)
    c.shade(mask, mix(colour, "#000000", 0.5), 0, 0.5, 0.5)
    if lamps:
        spots = [x for x in range(24, c.width, 92) if not dark or not dark[0] < x < dark[1]]
        for x in spots:
            c.light(x, deck - 16, 46, lamps, 0.75)
        c.draw("#fff7e0", lambda p: [p.ellipse(x, deck - 16, 3.4) for x in spots])


def bridge_closed():
    c = Canvas(STORY, "bridge-closed", [(0, "#17284a"), (0.28, "#3b5277"), (0.5, "#b9757a"), (0.62, "#f0a868"),
                                        (0.72, "#f8d9a0"), (1, "#f8d9a0")])
    c.light(1120, 700, 620, "#ffcf87", 0.8, ry=420)
    c.stars(60, 0, 250)
    c.hills(c.ridge(650, 46, base=3), ["#a9727c", "#d79b84"])
    c.mist(560, 760, "#f6cfa0", 0.55)
    c.hills(c.ridge(690, 26, base=4), ["#6d5873", "#8f6a74"])
    _skyline(c, 745, "#3c3a58", 14, 92, "#ffd98c")
    _suspension_bridge(c, "#131a30", 618, (430, 1170), 232, 566, "#ffb65c", (470, 1130))
    c.reflect(745, ["#8a5a66", "#111a33"], 0.72, 11)
    c.glints(755, 1060, "#ffd9a0", 110, 1120, 620, 150, 0.5)
    c.draw("#0d1326", lambda p: p.blob([(-40, 985), (180, 972), (420, 986), (610, 1030), (700, 1080),
        (700, 1160), (-60, 1160)]))
    c.draw("#d8452e", lambda p: [p.box(x, 938, x + 74, 954, 4) for x in (120, 250, 380)])
    c.draw("#f4ead6", lambda p: [p.polygon([(x + k, 938), (x + k + 14, 938), (x + k + 6, 954),
        (x + k - 8, 954)]) for x in (120, 250, 380) for k in (12, 42)])
    c.draw("#0d1326", lambda p: [p.line([(x + d, 954), (x + d, 1012)], 5) for x in (120, 250, 380)
        for d in (8, 66)])
    c.birds(7, (180, 130, 620, 330), "#0f1830")
    return c.finish()


def council_vote():
    """Fifty-one seats, twenty-six of them lit."""
    c = Canvas(STORY, "council-vote", [(0, "#efe5d0"), (1, "#dccdb0")])
    c.light(800, 980, 900, "#fff8e6", 0.9)
    rows, seats = ((300, 7), (410, 11), (520, 15), (630, 18)), []
    for radius, count in rows:
        for i in range(count):
            angle = math.pi * (1.06 - 1.12 * i / (count - 1))
            seats.append((angle, 800 + radius * 1.12 * math.cos(angle), 860 - radius * math.sin(angle), angle))
    seats.sort(key=lambda s: -s[0])
    for radius, _ in rows:
        c.draw("#c9b48d", lambda p: p.arc(800, 860, radius * 1.12, radius, 168, 372, 58), 0.45)
    for index, (_, x, y, _angle) in enumerate(seats):
        colour = "#c8402c" if index < 26 else "#1f5566"
        c.shadow(x + 8, y + 14, 58, "#5c4a33", 0.55)
        back = c.draw(mix(colour, "#0e1420", 0.35), lambda p: p.ellipse(x, y, 38, 34))
        c.shade(back, "#0e1420", 45, 0.6, 0.6)
        seat = c.draw(colour, lambda p: p.ellipse(x, y + 5, 29, 25))
        c.shade(seat, mix(colour, "#0e1420", 0.55), 50, 0.7, 0.8)
    c.shadow(808, 930, 230, "#5c4a33", 0.6, ry=90)
    desk = c.draw(["#7b5334", "#5b3a24"], lambda p: p.blob([(610, 900), (800, 850), (990, 900), (970, 960),
        (800, 930), (630, 960)]))
    c.shade(desk, "#2e1c12", 30, 0.7, 0.8)
    c.draw("#f5eddc", lambda p: (p.polygon([(770, 872), (822, 866), (832, 904), (780, 912)]),
                                 p.polygon([(690, 890), (726, 880), (736, 912), (700, 924)])))
    c.draw("#d9a441", lambda p: (p.line([(880, 888), (930, 912)], 8), p.box(868, 872, 892, 902, 5)))
    return c.finish(vignette=0.35)


def talks_table():
    """Two sides of a table, from above, and the papers between them."""
    c = Canvas(STORY, "talks", [(0, "#26343f"), (1, "#18222c")])
    for i in range(-4, 40):
        c.draw("#2f404c" if i % 2 else "#22303b", lambda p: p.polygon([(i * 64, 0), (i * 64 + 62, 0),
            (i * 64 - 158, 1067), (i * 64 - 220, 1067)]), 0.6)
    c.light(800, 520, 900, "#c99a5b", 0.55, ry=640)
    c.shadow(820, 570, 760, "#05080d", 0.75, ry=330, softness=0.1)
    table = c.draw(["#a97140", "#7a4a2a"], lambda p: p.box(210, 330, 1390, 730, 190))
    c.shade(table, "#3f2415", 60, 0.8, 0.7)
    grain = c.profile(0.6, 4, 3)
    c.draw("#5f381f", lambda p: [p.line([(x, 350 + k * 26 + 9 * grain(x / 1600 + k * 0.03)) for x in
                                         range(300, 1301, 20)], 1.6) for k in range(15)], 0.35)
    c.light(800, 520, 520, "#ffd9a0", 0.4, ry=240)
    sides = ((292, 1, ("#c8452f", "#b23a48", "#d98a3a", "#8e3b2e", "#c96a4a")),
             (768, -1, ("#1f5c6b", "#2c3f6b", "#3f8f83", "#23485a", "#55808f")))
    hair = ("#2b1a17", "#8a5a33", "#d0c6b8", "#17120f", "#b8431f", "#4a3b33", "#caa25c")
    for y, down, clothes in sides:
        for i, cloth in enumerate(clothes):
            x = 400 + i * 200 + c.random.randint(-16, 16)
            yy = y + c.random.randint(-12, 12)
            lean = c.random.randint(-10, 10)
            c.shadow(x + 14, yy + 22, 120, "#05080d", 0.7, ry=92)
            body = c.draw(cloth, lambda p: (p.ellipse(x, yy, 80, 44),
                                            p.line([(x - 62, yy), (x - 44 + lean, yy + down * 78)], 30),
                                            p.line([(x + 62, yy), (x + 40 + lean, yy + down * 74)], 30)))
            c.shade(body, mix(cloth, "#0b1020", 0.7), 35, 0.7, 0.8)
            skin = c.random.choice(("#e8bd9a", "#c78f68", "#8a5a3c", "#f0c9ab"))
            c.draw(skin, lambda p: (p.ellipse(x - 44 + lean, yy + down * 92, 14, 16),
                                    p.ellipse(x + 40 + lean, yy + down * 88, 14, 16)))
            head = c.draw(hair[(i * 3 + (0 if down > 0 else 2)) % 7],
                lambda p: p.ellipse(x + lean, yy + down * 12, 37, 40))
            c.shade(head, "#0b0f16", 40, 0.7, 0.6)
    for i in range(11):
        x, y, a = c.random.uniform(380, 1220), c.random.choice((440, 462, 600, 622)), c.random.uniform(-0.5,
            0.5)
        corners = [(x + dx * math.cos(a) - dy * math.sin(a), y + dx * math.sin(a) + dy * math.cos(a))
                   for dx, dy in ((-34, -24), (34, -24), (34, 24), (-34, 24))]
        c.draw("#05080d", lambda p: p.polygon([(px + 5, py + 7) for px, py in corners]), 0.3, blur=3)
        c.draw("#f6efe0", lambda p: p.polygon(corners))
        c.draw("#8b8577", lambda p: [p.line([(x - 22, y - 12 + 9 * k), (x + 16, y - 12 + 9 * k)], 1.6)
                                     for k in range(3)], 0.6)
    for x, y in ((520, 410), (860, 648), (1110, 418), (640, 652)):
        c.draw("#f4efe6", lambda p: p.ellipse(x, y, 21))
        c.draw("#4a2b1a", lambda p: p.ellipse(x, y, 14))
    c.draw("#f2c14e", lambda p: p.line([(330, 530), (1270, 530)], 3), 0.75)
    return c.finish(vignette=0.5)


def bridge_hanger():
    """Rust at a clamp on the main cable."""
    c = Canvas(STORY, "hanger", [(0, "#9db8c4"), (1, "#dfe6e0")])
    c.light(300, 150, 800, "#fff5df", 0.7)
    c.hills(c.ridge(900, 40, base=3), ["#7f9aa5", "#b6c6c6"])
    c.mist(760, 1067, "#e4e9e2", 0.7)

    def strand(offset, colour, wide):
        c.draw(colour, lambda p: p.line([(-60, 880 + offset), (1660, 60 + offset)], wide))
    for k in range(-7, 8):
        light = 1 - abs(k + 3) / 11
        strand(k * 17, mix("#1c2a36", "#8fa3ab", light), 17)
        strand(k * 17 + 7, "#14202b", 2)
    for x in (360, 1240):
        y = 880 - (x + 60) * 820 / 1720
        c.draw(["#4a5c68", "#23313d"], lambda p: p.line([(x, y + 110), (x, 1100)], 34), angle=0)
        c.draw("#9fb2b8", lambda p: p.line([(x - 9, y + 110), (x - 9, 1100)], 4), 0.7)
    for x, rusty in ((360, False), (1240, False), (800, True)):
        y = 880 - (x + 60) * 820 / 1720
        colour = "#7a3a1e" if rusty else "#33434f"
        tilt = 0.4767
        corners = [(x - 82, y - 150 + 82 * tilt), (x + 82, y - 150 - 82 * tilt), (x + 82, y + 150 - 82 * tilt),
                   (x - 82, y + 150 + 82 * tilt)]
        c.draw("#0c1420", lambda p: p.polygon([(px + 16, py + 20) for px, py in corners]), 0.4, blur=12)
        plate = c.draw([mix(colour, "#ffffff", 0.18), mix(colour, "#000000", 0.3)],
            lambda p: p.polygon(corners))
        c.shade(plate, "#d8692e" if rusty else "#16222d", 70, 0.9, 0.85)
        for sy in (-104, 0, 104):
            for sx in (-52, 52):
                bx, by = x + sx, y + sy - sx * tilt
                c.draw("#101a24" if not rusty else "#3d1a0c", lambda p: p.ellipse(bx + 3, by + 4, 20))
                nut = c.draw(mix(colour, "#ffffff", 0.25),
                    lambda p: p.polygon([(bx + 17 * math.cos(a * math.pi / 3),
                    by + 17 * math.sin(a * math.pi / 3)) for a in range(6)]))
                c.shade(nut, "#1a1010", 50, 0.7, 0.6)
        if rusty:
            streaks = [(x + c.random.uniform(-74, 74), y + 110 + c.random.uniform(0, 60),
                c.random.uniform(60, 260)) for _ in range(26)]
            c.draw("#b4521f", lambda p: [p.polygon([(sx - 4, sy), (sx + 4, sy), (sx, sy + long)])
                                         for sx, sy, long in streaks], 0.55, blur=2)
            c.draw(["#5d3320", "#3a2a26"], lambda p: (p.line([(x, y + 150), (x, 760)], 34),
                p.polygon([(x - 17, 756), (x + 17, 756), (x + 9, 796), (x + 2, 772), (x - 6, 806)])), angle=0)
            c.draw(["#5d3320", "#2b353d"], lambda p: (p.line([(x + 9, 900), (x + 9, 1100)], 34),
                p.polygon([(x - 8, 900), (x + 26, 900), (x + 18, 862), (x + 8, 886), (x, 850)])), angle=0)
            for _ in range(90):
                sx, sy, r = c.random.gauss(x, 60), c.random.gauss(y, 90), c.random.uniform(2, 11)
                c.paint(c.disc(sx, sy, r * 2), c.random.choice(("#d8762f", "#9a4318", "#5a2410")), 0.6)
    c.birds(4, (1080, 720, 1420, 880), "#22313d", 20)
    return c.finish(vignette=0.35)


def terraces():
    """Gabled houses climbing Lanthorn Hill; here and there nobody is at home."""
    c = Canvas(STORY, "terraces", [(0, "#f3dcae"), (0.5, "#f0b98a"), (1, "#d98a72")])
    c.light(1180, 220, 620, "#fff2c8", 0.8)
    c.draw("#fff3d2", lambda p: p.ellipse(1180, 250, 74), 0.9)
    for _ in range(5):
        x, y = c.random.uniform(0, 1500), c.random.uniform(90, 330)
        c.draw("#fff0d8", lambda p: [p.ellipse(x + k * 46, y - (14 if k in (1, 2) else 0), 44, 20)
            for k in range(4)], 0.5, blur=5)
    coats = ("#b5432f", "#2f6f73", "#e0a33a", "#3d5a80", "#8a4f6d", "#d97b4a", "#6d7f4f", "#c9b79a", "#4c6a78")
    for row, (base, tall, wide, fade) in enumerate(((560, 150, 92, 0.5), (760, 210, 124, 0.24),
            (1090, 330, 178, 0))):
        x, k = -40 - row * 30, row * 2
        while x < 1640:
            lift = (150 - row * 20) * (max(0, x) / 1600) ** 1.3
            top, bottom = base - tall - lift + c.random.randint(-16, 16), base - lift + 190
            w = wide * c.random.uniform(0.86, 1.14)
            wall = mix(coats[k % len(coats)], "#f0c39a", fade)
            k += c.random.choice((1, 2, 4))
            empty = c.random.random() < 0.24
            house = c.draw([mix(wall, "#ffffff", 0.1), wall],
                lambda p: (p.box(x, top, x + w + 1, bottom),
                p.polygon([(x, top + 1), (x + w / 2, top - w * 0.55), (x + w, top + 1)])))
            c.shade(house, mix(wall, "#1c1626", 0.6), 10, 0.6, 0.6)
            roof = mix("#4a3140", "#f0c39a", fade)
            c.draw(roof, lambda p: (p.line([(x - 7, top + 5), (x + w / 2, top - w * 0.58),
                (x + w + 7, top + 5)], 10), p.box(x + w * 0.72, top - w * 0.62, x + w * 0.86, top - w * 0.1)))
            glass = "#33303e" if empty else c.random.choice(("#ffe9b0", "#fff4d6", "#9fc0c8"))
            glass = mix(glass, "#f0c39a", fade * 0.7)
            frame = mix("#fbf3e2", "#f0c39a", fade)
            panes = [(x + w * q, top + w * 0.1 + r * w * 0.56) for r in range(4) for q in (0.2, 0.6)]
            c.draw(frame, lambda p: [p.box(wx - 3, wy - 3, wx + w * 0.22 + 3, wy + w * 0.34 + 3) for wx,
                wy in panes])
            c.draw(glass, lambda p: [p.box(wx, wy, wx + w * 0.22, wy + w * 0.34) for wx, wy in panes])
            if empty:
                c.draw(mix("#8a6a4a", "#f0c39a", fade), lambda p: [(p.line([(wx - 4, wy + 4),
                    (wx + w * 0.22 + 4, wy + w * 0.28)], w * 0.05),
                    p.line([(wx - 4, wy + w * 0.3), (wx + w * 0.22 + 4, wy + 8)], w * 0.05)) for wx,
                    wy in panes[2:]])
            else:
                c.draw(frame, lambda p: [
                    (p.line([(wx + w * 0.11, wy), (wx + w * 0.11, wy + w * 0.34)], 2.5),
                     p.line([(wx, wy + w * 0.17), (wx + w * 0.22, wy + w * 0.17)], 2.5)) for wx, wy in panes])
            x += w
        if row < 2:
            c.mist(base - 190, base + 120, "#f3cba0", 0.5)
    c.birds(9, (200, 90, 900, 260), "#5a3a46", 15)
    return c.finish(vignette=0.35)


def footbridge_children():
    """Morning on the Candlemaker footbridge: raincoats, a rope, a brass band."""
    c = Canvas(STORY, "footbridge", [(0, "#8fb0bd"), (0.5, "#c7d6d2"), (0.72, "#e9dfc6"), (1, "#e9dfc6")])
    c.light(360, 520, 620, "#fff1cc", 0.8)
    c.hills(c.ridge(640, 50, base=3), ["#8ea9b0", "#b9cbc8"])
    _skyline(c, 770, "#7790a0", 24, 150, "#f4dfae")
    c.mist(620, 830, "#dfe3d6", 0.7)
    c.reflect(780, ["#8fb0b4", "#3d6672"], 0.6, 9)

    def walk(x):
        return 700 - 150 * (1 - ((x - 800) / 900) ** 2)
    deck = [(x, walk(x)) for x in range(-20, 1641, 20)]
    under = [(x, walk(x) + 26 + 190 * ((x - 800) / 800) ** 2) for x in range(1640, -21, -20)]
    iron = c.draw(["#274653", "#16303c"], lambda p: p.polygon(deck + under))
    c.shade(iron, "#0a1a22", 90, 0.8, 0.7)
    rail = "#16303c"
    c.draw(rail, lambda p: [p.line([(x, walk(x)), (x, walk(x) - 74)], 3) for x in range(0, 1601, 32)])
    c.draw(rail, lambda p: (p.line([(x, y - 74) for x, y in deck], 6),
        p.line([(x, y - 40) for x, y in deck], 2.5)))
    colours = ("#f2b632", "#d3392b", "#2f8f83", "#f07f4f", "#3d5a80", "#e6c9d0", "#7a9b4a", "#f2b632",
        "#c8452f")
    rope = []
    for i in range(13):
        x = 300 + i * 74
        y, tall = walk(x), (104 if i in (0, 12) else c.random.randint(62, 80))
        coat = "#22303f" if i in (0, 12) else colours[i % len(colours)]
        step = 7 if i % 2 else -7
        c.draw("#1b2a33", lambda p: (p.line([(x - 6, y - tall * 0.4), (x - 9 - step, y)], 9),
                                     p.line([(x + 6, y - tall * 0.4), (x + 9 + step, y)], 9)))
        body = c.draw(coat, lambda p: (p.polygon([(x - 11, y - tall * 0.86), (x + 11, y - tall * 0.86),
                                                  (x + 24, y - tall * 0.26), (x - 24, y - tall * 0.26)]),
                                       p.line([(x + 6, y - tall * 0.74), (x + 30, y - tall * 0.52)], 9)))
        c.shade(body, mix(coat, "#101828", 0.6), 10, 0.7, 0.8)
        c.draw(mix(coat, "#ffffff", 0.12), lambda p: p.ellipse(x, y - tall * 0.96, 16, 17))
        c.draw(("#e8bd9a", "#8a5a3c", "#c78f68")[i % 3], lambda p: p.ellipse(x + 5, y - tall * 0.95, 9, 11))
        rope.append((x + 30, y - tall * 0.52))
    c.draw("#f6efdc", lambda p: p.line(smooth(rope, False), 4))
    for x in (1316, 1404, 1490):
        y = walk(x)
        c.draw("#7a1f2a", lambda p: (p.polygon([(x - 17, y - 98), (x + 17, y - 98), (x + 21, y - 40),
            (x - 21, y - 40)])))
        c.draw("#1b2a33", lambda p: (p.line([(x - 9, y - 42), (x - 10, y)], 11),
            p.line([(x + 9, y - 42), (x + 10, y)], 11)))
        c.draw("#e8bd9a", lambda p: p.ellipse(x, y - 112, 12, 15))
        c.draw("#7a1f2a", lambda p: p.box(x - 15, y - 130, x + 15, y - 119, 4))
        horn = c.draw("#e0a93a", lambda p: (p.ellipse(x - 20, y - 128, 27, 25),
            p.ellipse(x - 10, y - 78, 22, 24), p.line([(x - 20, y - 120), (x - 8, y - 66)], 15)))
        c.shade(horn, "#8a5a14", 40, 0.7, 0.8)
        c.draw("#6d4a12", lambda p: (p.ellipse(x - 22, y - 130, 17, 15), p.ellipse(x - 10, y - 78, 9)))
    rain = [(c.random.uniform(-50, 1650), c.random.uniform(-40, 1067), c.random.uniform(14, 40))
        for _ in range(260)]
    c.draw("#ffffff", lambda p: [p.line([(x, y), (x - s * 0.2, y + s)], 1.2, round_ends=False) for x, y,
        s in rain], 0.35)
    c.glints(800, 1060, "#fff3d2", 80, 500, 700, 130, 0.4)
    return c.finish(vignette=0.3)


def toll_tokens():
    """Brass tokens of the old toll on red baize; one is missing."""
    c = Canvas(STORY, "tokens", [(0, "#8f1f2b"), (1, "#5a0f1c")])
    c.light(420, 260, 900, "#e0604a", 0.55)
    for j in range(4):
        for i in range(6):
            x, y = 190 + i * 244, 166 + j * 245
            if (i, j) == (4, 2):
                c.draw("#3d0911", lambda p: p.ellipse(x, y, 92), 0.65, blur=3)
                c.draw("#c4505a", lambda p: p.arc(x, y, 92, 92, 20, 110, 3), 0.5)
                continue
            c.draw("#24040a", lambda p: p.ellipse(x + 12, y + 16, 98), 0.6, blur=10)
            tone = mix("#d9a441", c.random.choice(("#b5763a", "#8fae8b", "#f0cf7a", "#a8642a")),
                c.random.uniform(0, 0.6))
            disc = c.draw([mix(tone, "#fff6d0", 0.5), tone, mix(tone, "#3d2208", 0.5)],
                lambda p: p.ellipse(x, y, 94), angle=50)
            c.shade(disc, mix(tone, "#2e1604", 0.75), 45, 0.7, 0.7)
            dark, light = mix(tone, "#2e1604", 0.6), mix(tone, "#fff6d0", 0.6)
            for ink, d in ((light, 2), (dark, 0)):
                def engrave(p, d=d):
                    p.ring(x + d, y + d, 82, 82, 4)
                    for k in range(36):
                        a = k * math.pi / 18
                        p.ellipse(x + d + 72 * math.cos(a), y + d + 72 * math.sin(a), 2.6)
                    if (i + j) % 2:
                        p.line([(x - 54 + d, y + 22 + d), (x + 54 + d, y + 22 + d)], 5)
                        for tx in (-28, 28):
                            p.line([(x + tx + d, y + 40 + d), (x + tx + d, y - 34 + d)], 6)
                        p.line(smooth([(x - 56 + d, y + 16 + d), (x - 28 + d, y - 30 + d), (x + d, y + 14 + d),
                                       (x + 28 + d, y - 30 + d), (x + 56 + d, y + 16 + d)], False), 3.5)
                    else:
                        p.ring(x + d, y - 34 + d, 11, 11, 5)
                        p.line([(x + d, y - 24 + d), (x + d, y + 46 + d)], 7)
                        p.line([(x - 22 + d, y - 12 + d), (x + 22 + d, y - 12 + d)], 6)
                        p.arc(x + d, y + 10 + d, 38, 38, 20, 160, 7)
                c.draw(ink, engrave, 0.85)
    c.light(260, 120, 700, "#fff0c0", 0.25)
    return c.finish(vignette=0.5)


SCENES = {f.__name__: f for f in (bridge_closed, council_vote, talks_table, bridge_hanger, terraces,
                                  footbridge_children, toll_tokens)}
