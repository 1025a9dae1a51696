"""Constants of the stages. `make constants` writes this file from runtime/pspm_runtime/spec/stages.toml."""

import numpy as np

# A picture is first reduced by whole factors as long as the filter then still shrinks it by this factor or more.
REDUCING_GAP = 2
# Alpha within this of 0 or 1 becomes 0 or 1.
HAZE = np.float32(4.0 / 255.0)
# Window of the guided filter: 2 radius + 1 pixels of the view along a side. The shaders are written for 1.
GUIDE_RADIUS = 1
# Regularisation of the guided filter, in squared luma.
EPSILON = np.float32(0.001)
# Pixels of the view around each soft pixel that are refined too. Shaders refine every pixel.
REFINE_MARGIN = 2
# Side of the cells that soft tiles are made of, in pixels of the small matte.
SOFT_CELL = 8
# A matte with a smaller mean shows nobody.
PERSON_SHARE = 0.005
# Longer side of the small copy on which colours are estimated.
FOREGROUND_SIDE = 512
# Radius of blur fusion's wide window, as a share of the copy's longer side.
FAR = 1.0 / 24.0
# Radius of blur fusion's narrow window, likewise.
NEAR = 1.0 / 160.0
# Pixels of the copy around each soft pixel that get estimated colours too.
FOREGROUND_MARGIN = 4
# Least weight of a window, so that no division is by zero.
LEAST_WINDOW_WEIGHT = np.float32(0.0001)
# Cells along the longer side of a cut-out. A cell keeps its colours if it or a neighbour is visible.
CUT_OUT_CELLS = 128
# Cells along the longer side of the picture whose light fills the background behind the person.
CELLS = 24
# Least weight of all cells, so that no division is by zero.
LEAST_CELL_WEIGHT = np.float32(1e-20)
# Share of the disc that must have weight. Below it, light from farther away supplies the rest.
LEAST = 0.1
# Radius of the disc at strength 1, as a share of the photo's longer side.
LARGEST_RADIUS = 0.035
# With a smaller radius, in pixels, the photo stays as it is.
SMALLEST_RADIUS = 0.5
# Largest radius of the disc, in pixels. For a larger one the picture is reduced first.
WORKING_RADIUS = 12.0
# Weight of pixels that hold some of the person, relative to pure background.
SOFT_SHARE = 0.001
# Alpha above which a pixel holds some of the person.
SOFT_ALPHA = 0.05
# Light added to white, as a multiple of its own.
HIGHLIGHT_GAIN = 6.0
# Code, from 0 to 1, above which light is added.
HIGHLIGHT_KNEE = 0.75
# Share of a small difference between frames that is followed at once.
STILL = np.float32(0.25)
# A difference of this size adds 1 to that share.
JUMP = np.float32(0.25)
# JPEG quality of results, in percent, where nothing else is asked for.
QUALITY = 92
# EPSILON where the matte follows three colours: of these the slopes are surer, so less keeps them steady.
EPSILON_OF_COLOURS = 0.0001
# Regions of a matte that are less than a cell of so many pixels apart count as one.
REGION_CELL = 4
# Pixels of a matte above this belong to somebody, perhaps.
SOMETHING = 0.1
# A region without a pixel above this is not sure to be somebody.
SURE = 0.5
# Space around a person, as a share of its longer side.
PERSON_MARGIN = 0.35
# A closer look is worth its time from so many times the first one's scale on.
GAIN = 1.5
# Regions of fewer pixels of the view are specks.
SPECK = 24
# Views that are longer than this, for their height, waste their area; they are cut into overlapping parts.
LONGEST_PART = 2.56
# Share by which each of these parts overlaps the next one.
PART_OVERLAP = 0.25
# The view of a photo is at most so many times as long: farther enlarged, people are too blurred.
MOST_ENLARGED = 4
# The area of the small views that decide how a photo is seen is the square of this.
SMALL_SIDE = 320
# The matte of a clearer view is at most so many times as soft as the large one's.
CLEARER_SOFTNESS = 0.9
# Whoever fills less of the small view is too small for it.
CLEARER_FILLED = 0.1
# At most so many runs of the network for one box.
CLOSER_RUNS = 3
# How far the box around the people may reach out of what was seen, as a share of its longer side.
OUTSIDE = 0.1
# A person fills at least this share of a closer look.
SOMEBODY_FILLED = 0.05
# Their matte is at most so soft, by its mean.
SOMEBODY_SOFT = 0.15
# The first look misses nobody who is larger than this share of the photo, by the root of its area.
LARGE = 0.3
# Of a part that fills this share of a square first view's side, by the root of its area, the first look knows most.
TRUSTED = 0.4
# Namely that nobody is farther than so many of its pixels from everybody.
NEAR_PEOPLE = 8
# Two looks agree about a person whose boxes have this share of their common area in common.
CONFIRM_SHARED = 0.5
# A closer look at a person and a small view of it have this much in common (intersection over union).
CONFIRM_AGREEMENT = 0.85
# From this alpha on a trace is a hint.
FAINT = 0.03
# Photos of less than this many times the area of their view hold nobody whom tiles would show much larger.
WORTH_TILES = 1.5
# Number of tiles along the shorter side of a photo.
TILES = 2
# Inside its box a look fades in over this share of the longer side, which is half of the space around a person.
FEATHER = 0.1
# A look that shows which way up a photo is has at most this softness.
UPRIGHT_SOFT = 0.025
# The same for whoever is whole in the photo.
UPRIGHT_SOFT_WHOLE = 0.04
# Lead of the lower edge over the others there.
UPRIGHT_LEAD = 0.3
# Share of the photo from which on these hold; the softness of smaller people is allowed to be more.
USUAL = 0.4
# The people in a look at an upright photo are so much the same in a small view.
UPRIGHT_AGREEMENT = 0.9
# So much the same that no edge of the photo matters.
UPRIGHT_FULL_AGREEMENT = 0.98
# A look at that view leaves at most so much doubt there.
CLEAR = 0.05
# What the lead of the lower edge counts in the doubt about a look, beside its softness.
EDGE_WEIGHT = 0.1
# A turned photo must leave so much less doubt than it does as it is.
TURN_MARGIN = 0.01
# A turned photo must leave at most this doubt.
LARGEST_DOUBT = 0.1
# Below this share of an edge nobody is cut off by it.
CUT_OFF = 0.05
# Pixels of the view to each side, over which a matte and that of the mirror image are compared.
MIRROR_AROUND = 8
# Where they differ by no more than this, their mean counts.
MIRROR_AGREES = np.float32(0.2)
# Where they differ by this or more, the smaller one counts.
MIRROR_DIFFERS = np.float32(0.4)
# A second view that is less than so many times as long shows too little more.
SECOND_LEAST = 1.3
# A part is trimmed by strips of so many pixels of the first view.
SECOND_STRIP = 16
# Pixels of the first view around its soft ones that are decided again.
SECOND_REACH = 6
# Pixels around these that are seen.
SECOND_MARGIN = 16
# Pixels within that border over which the second look takes over from the first.
SECOND_RAMP = 2
# Pixels of the first view to each side, over which a second look may move the mean by SECOND_MOST_MOVED.
SECOND_AROUND = 8
# What it moves farther is the first look's, which knows better who is the person.
SECOND_MOST_MOVED = np.float32(0.1)
# People or groups who get a closer look with the quality fast.
FAST_CLOSER = 4
# The same with balanced.
BALANCED_CLOSER = 12
# The same with best.
BEST_CLOSER = 24
# Faint traces of people that are looked into with the quality balanced. With fast there are none.
BALANCED_HINTS = 6
# The same with best.
BEST_HINTS = 12
# How many times as long the sides of a second view may become.
SECOND_SCALE = 1.6
# How many pixels the network may see in a second look with the quality balanced, in views of the first look.
BALANCED_SECOND_RUNS = 0.7
# The same with best, where the network sees each of them mirrored too.
BEST_SECOND_RUNS = 2.6
