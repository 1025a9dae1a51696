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
