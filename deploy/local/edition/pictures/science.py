"""The marine station, the observatory, the instruments."""
import math

from pictures.canvas import STORY, Canvas, mix, smooth


def seagrass():
    c = Canvas(STORY, "seagrass", [(0, "#d9f2d4"), (0.14, "#7fcbb8"), (0.5, "#2f8f92"), (1, "#0f4a5c")])
    c.light(700, -40, 900, "#fffbe0", 0.7, ry=520)
    for k in range(8):
        c.beam((640 + k * 44, -260), (k * 270 - 260, 1120), (k * 270 - 130, 1120), "#f4ffe0", 0.2, 20)
    for depth, (level, tone, count, tall) in enumerate(((720, "#2f9a86", 150, 250), (840, "#1f7f6a", 120, 330),
                                                        (1000, "#14604f", 95, 470))):
        bed = c.hills(c.ridge(level + 40, 26, 0.5, 4, 3),
            [mix(tone, "#e9dcae", 0.35), mix(tone, "#0a2a33", 0.4)])
        c.shade(bed, "#0a2a33", 90, 0.8, 0.6)
        for part in range(3):
            blades = []
            for _ in range(count // 3):
                x = c.random.uniform(-60, 1660)
                h = tall * c.random.uniform(0.5, 1.1)
                bend = 70 + 60 * math.sin(x / 190 + depth) + c.random.uniform(-26, 26)
                base, w = level + 60 + c.random.uniform(-10, 40), 5 + depth * 3.4
                left = smooth([(x - w / 2, base), (x - w / 2 + bend * 0.12, base - h * 0.4),
                    (x + bend * 0.5, base - h * 0.75), (x + bend, base - h)], False, 6)
                right = smooth([(x + w / 2, base), (x + w / 2 + bend * 0.14, base - h * 0.4),
                    (x + w * 0.6 + bend * 0.5, base - h * 0.75), (x + bend, base - h)], False, 6)
                blades.append(left + right[::-1])
            colour = (tone, mix(tone, "#c9e07a", 0.4), mix(tone, "#0a2a33", 0.3))[part]
            mask = c.draw(colour, lambda p: [p.polygon(b) for b in blades])
            c.shade(mask, "#082630", 90, 0.6, 0.5)
        if depth == 0:
            _fish(c, 26, (200, 260, 1000, 520))
        if depth == 1:
            _diver(c, 1130, 430)
        c.mist(level - 200, level + 140, "#7fd0be", 0.22 - depth * 0.06)
    bubbles = [(1190 + c.random.gauss(0, 16) + k, 380 - k * 9, 3 + k * 0.16) for k in range(40)]
    c.draw("#f4fff4", lambda p: [p.ring(x, y, r, r, 1.6) for x, y, r in bubbles], 0.75)
    return c.finish(vignette=0.4)


def _fish(c, count, box):
    x0, y0, x1, y1 = box
    spots = [(c.random.uniform(x0, x1), c.random.uniform(y0, y1), c.random.uniform(0.7, 1.3))
        for _ in range(count)]
    c.draw("#e9f7e4", lambda p: [(p.blob([(x + 24 * s, y), (x, y - 9 * s), (x - 20 * s, y), (x, y + 9 * s)]),
        p.polygon([(x - 15 * s, y), (x - 30 * s, y - 9 * s), (x - 30 * s, y + 9 * s)])) for x, y, s in spots],
        0.8)


def _diver(c, x, y):
    suit = c.draw("#14202b", lambda p: (p.polygon(smooth([(x + 60, y - 24), (x, y - 40), (x - 96, y - 14),
        (x - 90, y + 20), (x + 40, y + 30)], True)), p.line([(x - 80, y), (x - 170, y - 26), (x - 230, y - 6)],
        24), p.line([(x - 80, y + 10), (x - 160, y + 34), (x - 226, y + 52)], 24),
        p.line([(x + 40, y + 16), (x + 76, y + 70), (x + 40, y + 112)], 20), p.ellipse(x + 82, y - 16, 32, 29)))
    c.shade(suit, "#5f8f9a", 270, 0.4, 0.7)
    c.draw("#f2b632", lambda p: (p.polygon([(x - 222, y - 18), (x - 320, y - 46), (x - 318, y + 4),
        (x - 226, y + 8)]), p.polygon([(x - 218, y + 40), (x - 312, y + 62), (x - 296, y + 98),
        (x - 222, y + 66)]), p.box(x - 70, y - 66, x + 40, y - 34, 15)))
    c.draw("#bfe9e0", lambda p: p.blob([(x + 92, y - 34), (x + 116, y - 20), (x + 108, y), (x + 92, y + 2)]))
    c.draw("#f4efe2", lambda p: (p.polygon([(x + 10, y + 100), (x + 74, y + 92), (x + 78, y + 140),
        (x + 14, y + 146)]),))
    c.draw("#d3392b", lambda p: [p.line([(x + 20, y + 110 + 9 * k), (x + 66, y + 104 + 9 * k)], 2)
        for k in range(4)])


def barograph():
    """The trace of the night of 17 November on its brass drum."""
    c = Canvas(STORY, "barograph", [(0, "#33261f"), (1, "#1c1512")])
    c.light(520, 240, 900, "#d99a5a", 0.5)
    table = c.draw(["#6d4126", "#33200f"], lambda p: p.polygon([(-10, 830), (1610, 790), (1610, 1080),
        (-10, 1080)]))
    c.shade(table, "#140a05", 90, 0.8, 0.7)
    c.shadow(820, 900, 720, "#0a0503", 0.95, ry=90)
    c.draw(["#b5a98a", "#fbf2da", "#f6ead0", "#9c8c6a", "#5a4d38"],
        lambda p: (p.box(330, 190, 1270, 840), p.ellipse(800, 190, 470, 40), p.ellipse(800, 840, 470, 44)),
        angle=0)
    c.draw("#d9cdb0", lambda p: p.ellipse(800, 190, 470, 40))
    c.draw("#c9964a", lambda p: (p.ring(800, 190, 470, 40, 9), p.ellipse(800, 184, 60, 14),
        p.box(790, 120, 810, 186)))

    def bow(t, level):
        x = 800 + 470 * math.sin((t - 0.5) * math.pi)
        return x, level + 42 * math.cos((t - 0.5) * math.pi)
    for k in range(18):
        c.draw("#b5432f", lambda p: p.line([bow(q / 40, 230 + k * 32) for q in range(41)], 2.6 if k % 5 == 0
            else 1.2), 0.5)
    for k in range(1, 28):
        x, _ = bow(k / 28, 0)
        c.draw("#b5432f", lambda p: p.line(smooth([(x + 10, bow(k / 28, 230)[1]), (x - 8, bow(k / 28, 500)[1]),
            (x + 8, bow(k / 28, 774)[1])], False), 2.2 if k % 4 == 0 else 1), 0.4)
    noise = c.profile(0.6, 6, 8)

    def trace(t):
        fall = 1 / (1 + math.exp(-(t - 0.5) * 26)) if t < 0.62 else 1 - (t - 0.62) * 2.5
        deep = math.exp(-((t - 0.62) / 0.05) ** 2) * 0.16
        return 300 + 400 * max(0.1, fall + deep - 0.06) + 5 * noise(t)
    ink = [bow(t / 300, trace(t / 300)) for t in range(22, 234)]
    c.draw("#1f2f5a", lambda p: p.line(ink, 6))
    c.shade(c.mask(lambda p: (p.box(330, 190, 1270, 840), p.ellipse(800, 840, 470, 44))), "#2a1f14", 0, 0.45,
        0.7)
    foot = c.draw(["#e0b060", "#8a5a20"], lambda p: (p.ellipse(800, 872, 540, 56),
        p.box(260, 860, 1340, 900, 20)))
    c.shade(foot, "#33200a", 20, 0.8, 0.8)
    tip = ink[-1]
    c.draw("#0f0a08", lambda p: p.line([(tip[0] + 12, tip[1] + 16), (1500, 470)], 12), 0.35, blur=7)
    arm = c.draw(["#f2d28a", "#a8742f"], lambda p: (p.line([tip, (1490, 450)], 11),
        p.polygon([(tip[0] - 4, tip[1] + 2), (tip[0] + 60, tip[1] - 34), (tip[0] + 70, tip[1] - 8)])))
    c.shade(arm, "#5a3a14", 90, 0.6, 0.7)
    post = c.draw(["#8a5a20", "#f2d28a", "#a8742f", "#5a3a14"],
        lambda p: (p.box(1466, 330, 1510, 850, 8), p.ellipse(1488, 450, 42)), angle=0)
    c.shade(post, "#2a1a08", 20, 0.6, 0.7)
    c.draw("#33200a", lambda p: p.ellipse(1488, 450, 14))
    c.draw(["#d9a441", "#7a4a14"], lambda p: [p.ellipse(1488, 560 + k * 34, 62, 15) for k in range(6)])
    c.shade(c.mask(lambda p: [p.ellipse(1488, 560 + k * 34, 62, 15) for k in range(6)]), "#33200a", 10, 0.8,
        0.8)
    c.light(430, 260, 330, "#fff6d8", 0.35, ry=520)
    return c.finish(vignette=0.6)


def robot_boats():
    """The boating lake in Netherfield Park: homemade hulls with opinions."""
    c = Canvas(STORY, "robots", [(0, "#a9d9d0"), (0.5, "#5fb3b3"), (1, "#2f7f8f")])
    for k in range(34):
        y = 20 + k * 32
        wave = smooth([(x, y + 7 * math.sin(x / 54 + k * 1.9)) for x in range(-20, 1660, 27)], False, 3)
        c.draw("#f4fff4" if k % 2 else "#1f6f80", lambda p: p.line(wave, 2.4), 0.22)
    bank = c.draw(["#7fa04a", "#4f7a3a"], lambda p: p.polygon(smooth([(-40, -40), (760, -40), (620, 60),
        (380, 130), (180, 300), (-40, 380)], True)))
    c.shade(bank, "#24401f", 135, 0.6, 0.7)
    c.draw("#d9cfae", lambda p: p.line(smooth([(700, 20), (600, 76), (376, 146), (190, 316), (-20, 400)],
        False), 15))
    for x, y, k in ((150, 150, 0), (268, 100, 1), (400, 60, 2)):
        c.draw(("#d3392b", "#3d5a80", "#f2b632")[k], lambda p: p.ellipse(x, y, 42, 36))
        c.draw(("#2b1a17", "#b8431f", "#17120f")[k], lambda p: p.ellipse(x + 8, y + 6, 23))
        c.draw("#22262e", lambda p: (p.box(x + 26, y + 34, x + 66, y + 58, 6),
            p.line([(x + 60, y + 34), (x + 74, y + 12)], 3)))
        for r in (30, 48, 66):
            c.draw("#fffbe0", lambda p: p.arc(x + 46, y + 46, r, r, 20, 70, 4), 0.6)
    boats = ((480, 470, 24, "#d3392b", "smile"), (1130, 330, 160, "#f2b632", "chevron"),
        (880, 720, -20, "#2f6f73", "anchor"), (360, 850, 200, "#e07a5f", "dots"),
        (1350, 820, -150, "#5d4a7a", "heart"))
    for x, y, turn, tone, face in boats:
        a = math.radians(turn)

        def at(px, py):
            return (x + 1.25 * (px * math.cos(a) - py * math.sin(a)),
                y + 1.25 * (px * math.sin(a) + py * math.cos(a)))
        wake = [at(-130, 0), at(-330, -90), at(-300, 0), at(-330, 90)]
        c.draw("#f4fff8", lambda p: p.polygon(smooth(wake)), 0.4, blur=8)
        c.paint(c.mask(lambda p: p.polygon([(px + 20, py + 28) for px,
            py in (at(-130, -64), at(60, -66), at(160, 0), at(60, 66), at(-130, 64))]), 12), "#0f3f50", 0.55)
        hull = c.draw(tone, lambda p: p.polygon(smooth([at(-134, -58), at(20, -70), at(120, -34), at(166, 0),
            at(120, 34), at(20, 70), at(-134, 58)], True)))
        c.shade(hull, mix(tone, "#14101a", 0.7), 50, 0.9, 0.8)
        deck = c.draw(mix(tone, "#fff3d6", 0.7), lambda p: p.polygon(smooth([at(-112, -42), at(20, -50),
            at(104, -24), at(136, 0), at(104, 24), at(20, 50), at(-112, 42)], True)))
        c.shade(deck, "#8a7a5c", 50, 0.6, 0.6)
        c.draw("#20242e", lambda p: p.polygon([at(-80, -34), at(40, -34), at(40, 34), at(-80, 34)]))
        ink = "#8ff0c0"

        def screen(p):
            if face == "smile":
                p.ellipse(*at(-44, -13), 7)
                p.ellipse(*at(-44, 13), 7)
                p.line(smooth([at(-4, -20), at(12, 0), at(-4, 20)], False), 6)
            elif face == "chevron":
                p.line([at(10, -18), at(-38, 0), at(10, 18)], 7)
            elif face == "anchor":
                p.line([at(-56, 0), at(16, 0)], 6)
                p.line(smooth([at(-6, -22), at(16, 0), at(-6, 22)], False), 6)
                p.line([at(-36, -14), at(-36, 14)], 5)
            elif face == "dots":
                for q in range(3):
                    p.ellipse(*at(-20, -18 + 18 * q), 6.5)
            else:
                p.blob([at(16, 0), at(-20, -24), at(-46, -13), at(-36, 0), at(-46, 13), at(-20, 24)])
        c.draw(ink, screen)
        c.light(*at(-20, 0), 90, ink, 0.35)
        c.draw("#d9a441", lambda p: (p.line([at(70, 0), at(96, -52)], 4), p.ellipse(*at(96, -52), 8)))
        c.draw("#d3392b", lambda p: p.polygon([at(-124, 0), at(-172, -20), at(-172, 20)]))
    for x, y, flip in ((1180, 600, 1), (1270, 560, 1), (640, 300, -1)):
        c.draw("#f7f3e6", lambda p: (p.ellipse(x, y, 44, 29), p.ellipse(x + flip * 44, y - 16, 18)))
        c.draw("#d9d4c0", lambda p: p.ellipse(x - flip * 8, y - 4, 28, 16))
        c.draw("#f07f2f", lambda p: p.polygon([(x + flip * 58, y - 20), (x + flip * 80, y - 13),
            (x + flip * 58, y - 8)]))
    return c.finish(vignette=0.35)


def observatory():
    c = Canvas(STORY, "observatory", [(0, "#070d22"), (0.45, "#152a52"), (0.75, "#3d5a80"), (1, "#c98a6a")])
    pole = (980, 260)
    trails = [(c.random.uniform(18, 1500), c.random.uniform(0, 360), c.random.uniform(14, 46), c.random.choice(
        ("#ffffff", "#fff0c8", "#cfe0ff", "#ffd9b0")), c.random.uniform(0.8, 2.2)) for _ in range(420)]
    for colour in ("#ffffff", "#fff0c8", "#cfe0ff", "#ffd9b0"):
        c.draw(colour, lambda p: [p.arc(*pole, r, r, a, a + span, w) for r, a, span, tone,
            w in trails if tone == colour], 0.62)
    c.light(*pole, 130, "#dfe9ff", 0.4)
    c.hills(c.ridge(760, 70, 0.45, 6, 3), ["#2c3f66", "#5d5a7a"])
    c.mist(740, 900, "#d99a7a", 0.4)
    c.hills(c.ridge(850, 50, 0.45, 6, 3), ["#1c2b4a", "#2c3555"])
    hill = [(x, 930 - 150 * math.exp(-((x - 560) / 360) ** 2)) for x in range(-4, 1609, 6)]
    near = c.hills(hill, ["#0f1a30", "#080f1f"])
    c.shade(near, "#04070f", 90, 0.8, 0.5)
    base = c.draw(["#c9cfd6", "#7a8496", "#3d475c"], lambda p: p.box(400, 610, 720, 812), angle=0)
    c.shade(base, "#141c2e", 0, 0.7, 0.8)
    dome = c.draw(["#e9ecf0", "#aab4c3", "#4f5a70"], lambda p: p.wedge(560, 612, 184, 190, 180, 360), angle=20)
    c.shade(dome, "#141c2e", 10, 0.7, 0.85)
    c.draw("#0a1020", lambda p: p.polygon(smooth([(590, 612), (600, 520), (640, 452), (672, 470), (640, 540),
        (634, 612)], True)))
    c.draw("#f0b45b", lambda p: p.polygon([(598, 610), (604, 560), (640, 480), (652, 488), (626, 560),
        (626, 610)]), 0.55)
    scope = c.draw(["#f2f0e6", "#6a7486"], lambda p: p.line([(588, 600), (690, 426)], 24, round_ends=False))
    c.shade(scope, "#20283a", 40, 0.7, 0.7)
    c.draw("#5a6478", lambda p: (p.box(372, 604, 748, 626, 6),
        [p.line([(560 + 184 * math.cos(t), 612 + 190 * math.sin(t)),
        (560 + 60 * math.cos(t), 424 + 8 * math.sin(t))], 2) for t in (-2.7, -2.2)]))
    c.draw("#ffd98c", lambda p: (p.box(440, 690, 484, 812, 4), p.box(610, 690, 660, 730, 4)))
    c.light(462, 770, 150, "#ffcf7a", 0.7)
    x, y = 330, 838
    c.draw("#05080f", lambda p: (p.polygon([(x - 12, y - 66), (x + 12, y - 66), (x + 18, y), (x - 18, y)]),
        p.ellipse(x + 2, y - 80, 11, 13), p.line([(x + 8, y - 56), (x + 34, y - 92)], 7)))
    c.draw("#d3392b", lambda p: p.ellipse(x + 36, y - 95, 3.4))
    return c.finish(vignette=0.45)


SCENES = {f.__name__: f for f in (seagrass, barograph, robot_boats, observatory)}
