"""Portraits of the edition's authors: stylised busts, one palette and one set of shapes each."""
from pictures.canvas import PORTRAIT, Canvas, mix, smooth


def _background(c, colours, shape):
    back, accent = colours
    if shape == "sun":
        mask = c.draw(accent, lambda p: p.ellipse(320, 300, 235))
    elif shape == "arch":
        mask = c.draw(accent, lambda p: (p.ellipse(320, 290, 225), p.box(95, 290, 545, 640)))
    elif shape == "hills":
        mask = c.draw(accent, lambda p: p.blob([(-60, 420), (90, 300), (230, 380), (400, 250), (560, 330),
            (720, 260), (720, 760), (-60, 760)]))
    elif shape == "stripes":
        mask = c.draw(accent, lambda p: [p.polygon([(x, 0), (x + 46, 0), (x - 154, 640), (x - 200, 640)])
                                         for x in range(0, 900, 104)])
    elif shape == "window":
        mask = c.draw(accent, lambda p: [p.box(x, y, x + 200, y + 250, 6) for x in (100, 340)
            for y in (-30, 240)])
    elif shape == "waves":
        mask = c.draw(accent, lambda p: [p.line(smooth([(x, y + (18 if (x // 60) % 2 else -18))
                                                        for x in range(-60, 720, 60)], False), 14)
                                         for y in range(60, 640, 74)])
    else:
        mask = c.draw(accent, lambda p: [p.ellipse(x + (40 if (y // 80) % 2 else 0), y, 13)
                                         for y in range(0, 641, 80) for x in range(0, 700, 80)])
    c.shade(mask, mix(accent, back, 0.75), 60, 0.9, 0.7)


def _shoulders(c, cloth, collar):
    body = c.draw(cloth, lambda p: p.blob([(60, 760), (82, 560), (170, 492), (268, 458), (320, 470), (372, 458),
                                           (470, 492), (558, 560), (580, 760)]))
    c.shade(body, mix(cloth, "#0b1020", 0.55), 15, 0.7, 0.8)
    if collar == "shirt":
        c.draw("#f2ebdd", lambda p: p.polygon([(272, 452), (368, 452), (345, 520), (320, 548), (295, 520)]))
        c.draw(mix(cloth, "#ffffff", 0.2), lambda p: (p.polygon([(262, 448), (240, 486), (322, 560),
            (284, 470)]), p.polygon([(378, 448), (400, 486), (318, 560), (356, 470)])))
    elif collar == "jacket":
        c.draw("#efe6d3", lambda p: p.polygon([(276, 456), (364, 456), (330, 640), (310, 640)]))
        dark = mix(cloth, "#0b1020", 0.35)
        c.draw(dark, lambda p: (p.polygon([(270, 450), (226, 484), (214, 556), (318, 660), (306, 600)]),
                                p.polygon([(370, 450), (414, 484), (426, 556), (322, 660), (334, 600)])))


def _neckwear(c, cloth, collar):
    if collar == "roll":
        neck = c.draw(mix(cloth, "#ffffff", 0.12), lambda p: p.box(258, 424, 382, 492, 26))
        c.shade(neck, mix(cloth, "#0b1020", 0.5), 0, 0.6, 0.8)
    elif collar == "crew":
        c.draw(mix(cloth, "#ffffff", 0.22), lambda p: p.arc(320, 446, 72, 50, 8, 172, 13))
    elif collar == "scarf":
        scarf = c.draw("#e0a33a", lambda p: (p.blob([(238, 448), (320, 424), (402, 448), (410, 496), (320, 520),
            (230, 496)]), p.polygon([(352, 500), (404, 492), (424, 640), (356, 640)])))
        c.shade(scarf, "#8e4f1f", 10, 0.7, 0.8)


def _face(c, skin, jaw):
    shadow = mix(skin, "#45181a", 0.42)
    neck = c.draw(skin, lambda p: p.polygon([(277, 350), (363, 350), (366, 452), (320, 486), (274, 452)]))
    c.shade(neck, shadow, 270, 0.9, 1)
    c.draw(shadow, lambda p: p.blob([(280, 372), (320, 414), (362, 372), (364, 420), (320, 444), (278, 420)]),
        0.55)
    c.draw(mix(skin, shadow, 0.35), lambda p: (p.ellipse(223, 290, 17, 27), p.ellipse(417, 290, 17, 27)))
    head = c.draw(skin, lambda p: p.blob([(320, 158), (386, 176), (416, 240), (412, 306), (320 + jaw, 366),
        (352, 398), (320, 406), (288, 398), (320 - jaw, 366), (228, 306), (224, 240), (254, 176)]))
    c.shade(head, shadow, 12, 0.6, 0.5)
    return shadow


def _features(c, skin, shadow, brow, smile, lips):
    ink = "#221a1c"
    c.draw(brow, lambda p: (p.line(smooth([(250, 256), (272, 246), (298, 254)], False), 7),
                            p.line(smooth([(342, 254), (368, 246), (390, 256)], False), 7)))
    c.draw("#f7efe4", lambda p: [p.blob([(x - 19, 281), (x, 271), (x + 19, 281), (x, 290)])
        for x in (275, 365)], 0.9)
    c.draw(ink, lambda p: [p.ellipse(x, 280, 8, 9) for x in (276, 364)])
    c.draw(ink, lambda p: [p.line(smooth([(x - 20, 281), (x, 270), (x + 20, 280)], False), 3.4)
        for x in (275, 365)])
    c.draw("#ffffff", lambda p: [p.ellipse(x, 277, 2.3) for x in (279, 367)])
    c.draw(shadow, lambda p: p.blob([(322, 272), (332, 310), (344, 332), (322, 338), (318, 324)]), 0.7)
    c.draw(mix(skin, "#ffffff", 0.35), lambda p: p.line([(317, 276), (316, 318)], 5), 0.5, blur=2)
    c.draw(lips, lambda p: p.blob([(288, 361), (308, 355), (320, 358), (332, 355), (352, 361),
        (322, 374 + smile)]))
    c.draw(mix(lips, ink, 0.6), lambda p: p.line(smooth([(285, 361 - smile / 2), (320, 364 + smile / 2),
                                                         (355, 361 - smile / 2)], False), 2.6))
    c.paint(c.disc(258, 330, 34), "#d9584a", 0.22)
    c.paint(c.disc(386, 330, 34), "#d9584a", 0.22)


HAIR_BACK = {
    "long": [(320, 118), (420, 150), (456, 260), (452, 400), (470, 500), (400, 520), (320, 470), (240, 520),
             (170, 500), (188, 400), (184, 260), (220, 150)],
    "bob": [(320, 118), (416, 146), (448, 240), (446, 350), (428, 408), (320, 380), (212, 408), (194, 350),
            (192, 240), (224, 146)],
    "curls": None,
    "bun": [(320, 62), (372, 84), (374, 140), (320, 160), (266, 140), (268, 84)],
}
HAIR_FRONT = {
    "long": [(216, 300), (212, 220), (250, 146), (330, 122), (404, 152), (430, 226), (424, 300), (404, 240),
             (360, 196), (300, 210), (246, 236)],
    "bob": [(206, 330), (208, 214), (250, 142), (330, 120), (402, 148), (434, 222), (434, 330), (412, 262),
            (398, 222), (320, 232), (240, 224), (228, 262)],
    "short": [(222, 270), (214, 206), (250, 146), (322, 122), (398, 142), (428, 204), (418, 270), (404, 214),
              (356, 188), (282, 192), (236, 216)],
    "parting": [(220, 276), (210, 204), (246, 140), (330, 116), (404, 140), (432, 208), (420, 272), (408, 224),
                (378, 198), (300, 180), (262, 206), (234, 228)],
    "crop": [(226, 244), (224, 190), (264, 150), (320, 138), (378, 150), (416, 190), (414, 244), (400, 206),
             (320, 184), (240, 206)],
    "bun": [(222, 280), (214, 206), (252, 146), (320, 128), (390, 146), (426, 206), (418, 280), (396, 214),
            (320, 178), (246, 214)],
    "bald": None,
    "curls": None,
    "scarf": None,
}


def _hair_back(c, style, colour):
    dark = mix(colour, "#0a0a12", 0.4)
    if style == "curls":
        spots = [(320 + 118 * dx, 236 + 108 * dy) for dx, dy in
                 ((-1, 0.5), (-1.02, 0), (-0.86, -0.5), (-0.5, -0.86), (0, -1), (0.5, -0.86), (0.86, -0.5),
                  (1.02, 0), (1, 0.5), (-0.96, 0.95), (0.96, 0.95))]
        mask = c.draw(colour, lambda p: [p.ellipse(x, y, 54) for x,
            y in spots] + [p.ellipse(320, 230, 125, 118)])
        c.shade(mask, dark, 20, 0.7, 0.9)
    elif style == "scarf":
        mask = c.draw(colour, lambda p: p.blob([(320, 104), (424, 140), (462, 260), (440, 400), (466, 500),
            (320, 560), (174, 500), (200, 400), (178, 260), (216, 140)]))
        c.shade(mask, dark, 20, 0.75, 0.9)
    elif HAIR_BACK.get(style):
        c.shade(c.draw(colour, lambda p: p.blob(HAIR_BACK[style])), dark, 20, 0.8, 0.9)


def _hair_front(c, style, colour):
    dark = mix(colour, "#0a0a12", 0.4)
    if style == "curls":
        spots = [(246, 186, 34), (286, 162, 36), (330, 154, 38), (374, 166, 36), (404, 194, 30), (228, 222, 22),
                 (416, 228, 22)]
        mask = c.draw(colour, lambda p: [p.ellipse(*spot) for spot in spots])
        c.shade(mask, dark, 25, 0.7, 0.8)
    elif style == "scarf":
        def wrap(p):
            p.blob([(320, 112), (414, 146), (446, 250), (436, 372), (462, 470), (430, 540), (320, 560),
                (210, 540), (178, 470), (204, 372), (194, 250), (226, 146)])
            p.blob([(320, 182), (378, 200), (404, 262), (392, 334), (352, 390), (320, 398), (288, 390),
                (248, 334), (236, 262), (262, 200)], 0)
        mask = c.draw(colour, wrap)
        c.shade(mask, dark, 20, 0.6, 0.9)
        c.draw(dark, lambda p: [p.line(smooth(fold, False), 3.5) for fold in (
            [(226, 380), (280, 452), (380, 486), (446, 470)], [(208, 420), (270, 492), (370, 520), (436, 512)],
            [(400, 366), (370, 430), (300, 470), (236, 500)])], 0.6)
    elif HAIR_FRONT.get(style):
        mask = c.draw(colour, lambda p: p.blob(HAIR_FRONT[style]))
        c.shade(mask, dark, 10, 0.6, 0.9)
        c.draw(mix(colour, "#ffffff", 0.45),
               lambda p: p.line(smooth([(246, 196), (276, 160), (322, 142)], False), 6), 0.4, blur=3)


def _extras(c, extras, hair, skin):
    if "beard" in extras:
        beard = c.draw(hair, lambda p: (p.blob([(222, 296), (240, 356), (268, 404), (320, 436), (372, 404),
            (400, 356), (418, 296), (404, 330), (372, 346), (320, 338), (268, 346), (236, 330)]),
            p.blob([(292, 362), (320, 354), (348, 362), (320, 376)], 0)))
        c.shade(beard, mix(hair, "#0a0a12", 0.45), 10, 0.7, 0.8)
    if "moustache" in extras:
        c.draw(hair, lambda p: p.blob([(276, 362), (302, 342), (320, 348), (338, 342), (364, 362), (320, 356)]))
    if "glasses" in extras or "round glasses" in extras:
        rx, ry = (34, 33) if "round glasses" in extras else (37, 27)
        c.draw("#ffffff", lambda p: [p.ellipse(x, 282, rx, ry) for x in (274, 366)], 0.16)
        c.draw("#20242e", lambda p: ([p.ring(x, 282, rx, ry, 5) for x in (274, 366)],
                                     p.line(smooth([(306, 276), (320, 270), (334, 276)], False), 5),
                                     p.line([(238, 274), (224, 270)], 5), p.line([(402, 274), (416, 270)], 5)))
    if "earrings" in extras:
        c.draw("#f0c04a", lambda p: [p.ellipse(x, 326, 8, 10) for x in (219, 421)])
    if "cap" in extras:
        cap = c.draw("#1f3a4d", lambda p: (p.blob([(204, 212), (220, 138), (320, 96), (420, 138), (436, 212),
            (320, 190)]), p.blob([(206, 208), (320, 182), (434, 208), (450, 230), (320, 210), (190, 230)])))
        c.shade(cap, "#0c1822", 10, 0.7, 0.9)
    if "freckles" in extras:
        spots = [(c.random.gauss(x, 17), c.random.gauss(326, 10)) for x in (264, 378) for _ in range(14)]
        c.draw(mix(skin, "#7a3318", 0.6), lambda p: [p.ellipse(x, y, 2.1) for x, y in spots], 0.6)


def bust(seed, back, shape, skin, hair, hair_colour, cloth, collar, jaw=76, smile=6, lips="#b4524a", extras=()):
    """One portrait. `back` is (ground, accent); `hair`, `collar` and `shape` name one of the shapes above."""
    c = Canvas(PORTRAIT, seed, [mix(back[0], "#ffffff", 0.10), mix(back[0], "#101828", 0.12)])
    _background(c, back, shape)
    c.light(190, 120, 420, "#fff2d0", 0.28)
    _hair_back(c, hair, hair_colour)
    _shoulders(c, cloth, collar)
    shadow = _face(c, skin, jaw)
    _neckwear(c, cloth, collar)
    brow = mix(hair_colour if hair not in ("scarf",) else "#2a1c18", "#20140f", 0.35)
    if "beard" in extras or "moustache" in extras:
        _extras(c, [e for e in extras if e in ("beard",)], hair_colour, skin)
    _features(c, skin, shadow, brow, smile, lips)
    _hair_front(c, hair, hair_colour)
    _extras(c, [e for e in extras if e != "beard"], hair_colour, skin)
    c.light(150, 90, 520, "#fff1cf", 0.12)
    return c.finish(vignette=0.22)


PORTRAITS = {
    "ines-carvalho": dict(back=("#1f5c6b", "#f0b45b"), shape="sun", skin="#d9a27c", hair="long",
                          hair_colour="#2b1a17", cloth="#c8452f", collar="roll", jaw=70, extras=("earrings",)),
    "tobias-wren": dict(back=("#d9c7a3", "#8fae9b"), shape="hills", skin="#f0c9ab", hair="parting",
                        hair_colour="#a4572a", cloth="#2f4858", collar="shirt", jaw=80, smile=4, lips="#c98670",
                        extras=("freckles",)),
    "margit-halloran": dict(back=("#7b2d3b", "#d9a05b"), shape="arch", skin="#ecc2a4", hair="bob",
                            hair_colour="#b9b4ac", cloth="#23283b", collar="jacket", jaw=74, smile=2,
                            extras=("glasses",)),
    "samir-haddad": dict(back=("#2c3f6b", "#6fa3b8"), shape="window", skin="#c78f68", hair="short",
                         hair_colour="#1d1a1e", cloth="#6d7f4f", collar="shirt", jaw=80, lips="#a2604e", extras=("beard",)),
    "oonagh-pell": dict(back=("#e8dcc4", "#3f8f83"), shape="waves", skin="#f3cdb4", hair="curls",
                        hair_colour="#b8431f", cloth="#f1efe6", collar="jacket", jaw=72, smile=8,
                        extras=("round glasses", "freckles")),
    "desmond-okafor": dict(back=("#c9803a", "#f2d28a"), shape="stripes", skin="#6f4630", hair="crop",
                           hair_colour="#17120f", cloth="#1e3d52", collar="jacket", jaw=80, lips="#5c332b",
                           extras=("moustache",)),
    "freya-kettley": dict(back=("#1d3d3a", "#e4572e"), shape="dots", skin="#efc4a2", hair="bun",
                          hair_colour="#d9a441", cloth="#204e8a", collar="crew", jaw=72, smile=9, extras=()),
    "callum-ashdown": dict(back=("#93a86a", "#e9d9a0"), shape="hills", skin="#e6b48f", hair="short",
                           hair_colour="#6b4a2f", cloth="#5b3a29", collar="roll", jaw=82, smile=3, lips="#b87a66",
                           extras=("beard", "cap")),
    "judith-marrable": dict(back=("#443457", "#d98fa0"), shape="sun", skin="#a8714e", hair="curls",
                            hair_colour="#8d8a92", cloth="#d9b23f", collar="crew", jaw=76, smile=7,
                            lips="#9b3b40", extras=("earrings", "glasses")),
    "leo-vantongeren": dict(back=("#22262f", "#b23a48"), shape="arch", skin="#eabf9f", hair="bald",
                            hair_colour="#4a3b33", cloth="#15171d", collar="scarf", jaw=78, smile=3, lips="#bf8472",
                            extras=("round glasses", "beard")),
    "hana-sorensen": dict(back=("#bcd0d6", "#f4efe2"), shape="window", skin="#e9bd97", hair="bob",
                          hair_colour="#1a1b26", cloth="#8a3f6b", collar="crew", jaw=70, smile=6, extras=()),
    "layla-mansour": dict(back=("#b5573c", "#f2c48d"), shape="arch", skin="#d6a07a", hair="scarf",
                          hair_colour="#2f6f73", cloth="#27404f", collar="none", jaw=72, smile=7, extras=()),
}


def portrait(name):
    return bust(name, **PORTRAITS[name])
