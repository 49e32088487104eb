"""A small drawing kit on top of Pillow: gradients, antialiased masks, grainy shading, light, water, grain.

Everything is drawn from a seed, so a picture comes out the same every time.
"""
import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

STORY = (1600, 1067)
PORTRAIT = (640, 640)
OVERSAMPLE = 2


def rgb(colour):
    """'#rrggbb' or an (r, g, b) tuple as a tuple."""
    if isinstance(colour, str):
        return tuple(int(colour[i:i + 2], 16) for i in (1, 3, 5))
    return tuple(int(v) for v in colour)


def mix(first, second, share):
    """The colour `share` (0..1) of the way from first to second."""
    return tuple(round(a + (b - a) * share) for a, b in zip(rgb(first), rgb(second)))


def at_stop(stops, place):
    """Colour at `place` (0..1) of a gradient given as colours or as (place, colour) pairs."""
    if not isinstance(stops[0], tuple) or len(stops[0]) != 2:
        stops = [(i / max(1, len(stops) - 1), s) for i, s in enumerate(stops)]
    if place <= stops[0][0]:
        return rgb(stops[0][1])
    for (p0, c0), (p1, c1) in zip(stops, stops[1:]):
        if place <= p1:
            return mix(c0, c1, (place - p0) / max(1e-6, p1 - p0))
    return rgb(stops[-1][1])


def gradient(size, stops, angle=90):
    """A linear gradient; angle 90 runs from top to bottom, 0 from left to right."""
    width, height = size
    dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    corners = [x * dx + y * dy for x in (0, width) for y in (0, height)]
    low, span = min(corners), max(corners) - min(corners)
    length = 1024
    strip = Image.new("RGB", (3, length))
    for i in range(length):
        strip.paste(at_stop(stops, i / (length - 1)), (0, i, 3, i + 1))
    scale = (length - 1) / span
    return strip.transform(size, Image.AFFINE, (0, 0, 1, dx * scale, dy * scale, -low * scale), Image.BILINEAR)


def ramp(size, angle, reach=1.0):
    """A grey ramp that is 255 at the far end of `angle` and 0 from `reach` (0..1) of the way back."""
    start = 1 - reach
    return gradient(size, [(0, "#000000"), (start, "#000000"), (1, "#ffffff")], angle).getchannel(0)


def smooth(points, closed=True, steps=12):
    """A Catmull-Rom curve through the points."""
    n = len(points)
    out = []
    for i in range(n if closed else n - 1):
        if closed:
            p0, p1, p2, p3 = (points[(i + k) % n] for k in (-1, 0, 1, 2))
        else:
            p0, p1, p2, p3 = points[max(0, i - 1)], points[i], points[i + 1], points[min(n - 1, i + 2)]
        for s in range(steps):
            t = s / steps
            out.append(tuple(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t ** 3) for a, b, c, d in zip(p0, p1, p2, p3)))
    if not closed:
        out.append(points[-1])
    return out


class Pen:
    """Draws into a mask in picture coordinates; the mask itself is larger, for smooth edges."""

    def __init__(self, mask):
        self._draw = ImageDraw.Draw(mask)

    @staticmethod
    def _scaled(points):
        return [(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in points]

    def polygon(self, points, ink=255):
        self._draw.polygon(self._scaled(points), fill=ink)

    def blob(self, points, ink=255):
        self.polygon(smooth(points), ink)

    def line(self, points, width=2, ink=255, round_ends=True):
        scaled, wide = self._scaled(points), max(1, round(width * OVERSAMPLE))
        self._draw.line(scaled, fill=ink, width=wide, joint="curve")
        if round_ends and wide > 3:
            for x, y in (scaled[0], scaled[-1]):
                self._draw.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=ink)

    def ellipse(self, x, y, rx, ry=None, ink=255):
        ry = rx if ry is None else ry
        s = OVERSAMPLE
        self._draw.ellipse(((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s), fill=ink)

    def ring(self, x, y, rx, ry, width, ink=255):
        s = OVERSAMPLE
        self._draw.ellipse(((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s), outline=ink,
                           width=max(1, round(width * s)))

    def arc(self, x, y, rx, ry, start, end, width, ink=255):
        s = OVERSAMPLE
        self._draw.arc(((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s), start, end, fill=ink,
                       width=max(1, round(width * s)))

    def wedge(self, x, y, rx, ry, start, end, ink=255):
        s = OVERSAMPLE
        self._draw.pieslice(((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s), start, end, fill=ink)

    def box(self, x0, y0, x1, y1, radius=0, ink=255):
        s = OVERSAMPLE
        corners = (min(x0, x1) * s, min(y0, y1) * s, max(x0, x1) * s - 1, max(y0, y1) * s - 1)
        if radius:
            self._draw.rounded_rectangle(corners, radius * s, fill=ink)
        else:
            self._draw.rectangle(corners, fill=ink)


class Canvas:
    """A picture being painted, layer over layer."""

    def __init__(self, size, seed, ground):
        self.width, self.height = self.size = size
        self.random = random.Random(f"edition/{seed}")
        self.image = gradient(size, ground) if isinstance(ground, list) else Image.new("RGB", size, rgb(ground))
        raw = Image.frombytes("L", size, self.random.randbytes(self.width * self.height))
        # Blurred a little and stretched again: grains of about two pixels look printed and compress better.
        self.noise = raw.filter(ImageFilter.GaussianBlur(0.8)).point(
            lambda v: max(0, min(255, round(128 + (v - 128) * 2.6))))

    # Masks

    def mask(self, draw, blur=0.0):
        """The antialiased mask of what `draw(pen)` draws."""
        large = Image.new("L", (self.width * OVERSAMPLE, self.height * OVERSAMPLE), 0)
        draw(Pen(large))
        mask = large.reduce(OVERSAMPLE)
        return mask.filter(ImageFilter.GaussianBlur(blur)) if blur else mask

    def polygon_mask(self, points, blur=0.0):
        return self.mask(lambda pen: pen.polygon(points), blur)

    def disc(self, x, y, rx, ry=None, softness=1.0):
        """A mask fading from the middle of an ellipse to its edge; a higher softness falls off faster."""
        ry = rx if ry is None else ry
        # Pillow's gradient reaches 181 at the middle of an edge (255 in the corners); ours ends there.
        spot = Image.radial_gradient("L").point(lambda v: round(255 * max(0, 1 - v / 179) ** (1 + softness)))
        spot = spot.resize((max(1, round(2 * rx)), max(1, round(2 * ry))), Image.BICUBIC)
        mask = Image.new("L", self.size, 0)
        mask.paste(spot, (round(x - rx), round(y - ry)))
        return mask

    def band(self, top, bottom, fade_in=0.5):
        """A horizontal band that is densest at `fade_in` of its height."""
        mask = Image.new("L", self.size, 0)
        for y in range(max(0, round(top)), min(self.height, round(bottom))):
            t = (y - top) / (bottom - top)
            strength = t / fade_in if t < fade_in else (1 - t) / max(1e-6, 1 - fade_in)
            mask.paste(round(255 * strength * strength * (3 - 2 * strength)), (0, y, self.width, y + 1))
        return mask

    # Painting

    def paint(self, mask, fill, opacity=1.0, blend="normal", angle=90):
        """Lays `fill` (a colour, gradient stops over the mask's box, or an image) through the mask."""
        box = mask.getbbox()
        if box is None:
            return mask
        area = mask.crop(box)
        if opacity < 1:
            area = area.point(lambda v: round(v * opacity))
        size = area.size
        if isinstance(fill, list):
            fill = gradient(size, fill, angle)
        elif isinstance(fill, Image.Image):
            fill = fill.crop(box)
        else:
            fill = Image.new("RGB", size, rgb(fill))
        below = self.image.crop(box)
        if blend == "screen":
            fill = ImageChops.screen(below, fill)
        elif blend == "multiply":
            fill = ImageChops.multiply(below, fill)
        self.image.paste(fill, box[:2], area)
        return mask

    def draw(self, fill, draw, opacity=1.0, blur=0.0, blend="normal", angle=90):
        """Paints what `draw(pen)` draws and returns its mask."""
        return self.paint(self.mask(draw, blur), fill, opacity, blend, angle)

    def shade(self, mask, colour, angle=0, reach=0.7, strength=0.8, blend="normal"):
        """Stippled shading inside a mask, densest towards `angle`."""
        box = mask.getbbox()
        if box is None:
            return
        area = mask.crop(box)
        dots = ImageChops.subtract(ramp(area.size, angle, reach), self.noise.crop(box), scale=0.5)
        shaded = Image.new("L", self.size, 0)
        shaded.paste(ImageChops.multiply(area, dots), box[:2])
        self.paint(shaded, colour, strength, blend)

    def light(self, x, y, radius, colour, strength=1.0, ry=None, softness=1.0):
        self.paint(self.disc(x, y, radius, ry, softness), colour, strength, "screen")

    def shadow(self, x, y, radius, colour="#0b1320", strength=0.5, ry=None, softness=0.5):
        self.paint(self.disc(x, y, radius, ry, softness), colour, strength, "multiply")

    def beam(self, origin, left, right, colour, strength=0.5, blur=10):
        """A cone of light from origin to the two far points, fading as it goes."""
        mask = self.mask(lambda pen: pen.polygon([origin, left, right]), blur)
        middle = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2)
        fade = self.disc(*origin, math.dist(origin, middle) * 1.1, softness=0.4)
        self.paint(ImageChops.multiply(mask, fade), colour, strength, "screen")

    def mist(self, top, bottom, colour, opacity=0.7, fade_in=0.7):
        self.paint(self.band(top, bottom, fade_in), colour, opacity)

    # Nature

    def profile(self, roughness=0.55, octaves=6, base=2):
        """A function 0..1 -> about -1..1: fractal noise with `base` hills across the picture."""
        layers = []
        for octave in range(octaves):
            cells = base * 2 ** octave
            layers.append((cells, roughness ** octave, [self.random.uniform(-1, 1) for _ in range(cells + 2)]))

        def value(place):
            total = 0.0
            for cells, weight, knots in layers:
                x = min(max(place, 0), 1) * cells
                i = int(x)
                t = x - i
                t = t * t * (3 - 2 * t)
                total += weight * (knots[i] * (1 - t) + knots[i + 1] * t)
            return total
        return value

    def ridge(self, level, amplitude, roughness=0.5, octaves=6, base=2):
        """The outline of a range of hills, as points from left to right."""
        value = self.profile(roughness, octaves, base)
        return [(x, level - amplitude * value(x / self.width)) for x in range(-4, self.width + 9, 4)]

    def hills(self, outline, fill, shade=None, bottom=None):
        """Fills from an outline down to `bottom`; returns the mask."""
        bottom = self.height if bottom is None else bottom
        mask = self.polygon_mask(outline + [(self.width + 8, bottom), (-8, bottom)])
        self.paint(mask, fill)
        if shade:
            self.shade(mask, shade, 270, 0.5, 0.5)
        return mask

    def stars(self, count, top, bottom, colour="#fff6df"):
        spots = [(self.random.uniform(0, self.width), self.random.uniform(top, bottom),
                  self.random.uniform(0.5, 1.7)) for _ in range(count)]
        self.draw(colour, lambda pen: [pen.ellipse(x, y, r) for x, y, r in spots], 0.85)

    def reflect(self, shore, tint, share=0.55, ripple=9.0, stretch=1.0):
        """Turns everything below `shore` into water that mirrors what is above it."""
        depth = self.height - shore
        taken = min(shore, round(depth / stretch))
        mirror = self.image.crop((0, shore - taken, self.width, shore)).transpose(Image.FLIP_TOP_BOTTOM)
        mirror = mirror.resize((self.width, depth)).filter(ImageFilter.GaussianBlur(2.2))
        surface = Image.new("RGB", (self.width, depth))
        wobble = self.profile(0.8, 6, 24)
        for y in range(depth):
            shift = round(ripple * (0.35 + y / depth) * wobble((y / depth) ** 0.6))
            row = mirror.crop((0, y, self.width, y + 1))
            surface.paste(row, (shift, y))
            if shift:
                surface.paste(row, (shift - self.width if shift > 0 else shift + self.width, y))
        colours = gradient((self.width, depth), tint if isinstance(tint, list) else [tint, tint])
        self.image.paste(Image.blend(colours, surface, share), (0, shore))

    def glints(self, top, bottom, colour, count=90, centre=None, spread=None, longest=120, opacity=0.5):
        """Short horizontal strokes of light on water, longer towards the viewer."""
        centre = self.width / 2 if centre is None else centre
        spread = self.width if spread is None else spread
        strokes = []
        for _ in range(count):
            t = self.random.random() ** 1.4
            y = top + (bottom - top) * t
            x = self.random.gauss(centre, spread * (0.15 + 0.35 * t))
            half = longest * (0.12 + t) * self.random.uniform(0.3, 1) / 2
            strokes.append((x, y, half, 0.8 + 2.2 * t))
        self.draw(colour, lambda pen: [pen.polygon([(x - h, y), (x, y - w / 2), (x + h, y), (x, y + w / 2)])
            for x, y, h, w in strokes], opacity)

    def birds(self, count, box, colour="#1b2433", size=16):
        x0, y0, x1, y1 = box
        flock = [(self.random.uniform(x0, x1), self.random.uniform(y0, y1),
            size * self.random.uniform(0.6, 1.2)) for _ in range(count)]

        def draw(pen):
            for x, y, s in flock:
                pen.line(smooth([(x - s, y - s * 0.35), (x - s * 0.4, y - s * 0.45), (x, y)], False), 2)
                pen.line(smooth([(x, y), (x + s * 0.4, y - s * 0.5), (x + s, y - s * 0.25)], False), 2)
        self.draw(colour, draw, 0.9)

    # Finish

    def finish(self, grain=6, vignette=0.3):
        """Edge darkening and print grain over the whole picture."""
        if vignette:
            edge = Image.radial_gradient("L").resize(self.size).point(
                lambda v: round(255 * vignette * (v / 255) ** 2.2))
            self.paint(edge, "#0d1220", 1.0, "multiply")
        dust = self.noise.point(lambda v: round(128 + (v - 128) * grain / 128))
        self.image = ImageChops.add(self.image, Image.merge("RGB", (dust,) * 3), 1, -128)
        return self.image


def contours(field, width, height, levels, cell=8):
    """Line segments where field(x, y) crosses each level (marching squares): {level: [((x, y), (x, y)), ...]}."""
    columns, rows = width // cell + 2, height // cell + 2
    grid = [[field(i * cell, j * cell) for i in range(columns)] for j in range(rows)]
    found = {level: [] for level in levels}
    for j in range(rows - 1):
        for i in range(columns - 1):
            corner = (grid[j][i], grid[j][i + 1], grid[j + 1][i + 1], grid[j + 1][i])
            for level in levels:
                if min(corner) > level or max(corner) <= level:
                    continue
                points = []
                for k, ((ax, ay), (bx, by)) in enumerate((((0, 0), (1, 0)), ((1, 0), (1, 1)), ((1, 1), (0, 1)),
                                                          ((0, 1), (0, 0)))):
                    a, b = corner[k], corner[(k + 1) % 4]
                    if (a > level) != (b > level):
                        t = (level - a) / (b - a)
                        points.append(((i + ax + (bx - ax) * t) * cell, (j + ay + (by - ay) * t) * cell))
                found[level] += [tuple(points[k:k + 2]) for k in range(0, len(points) - 1, 2)]
    return found
