"""The operators in networks for other tasks: denoising, segmentation, depth estimation, detection.

Start with `task.py`: what a task has to say, and `Made`, what a network is made of. `cli.py` is the command, and
`by_name.py` finds what a user names. `runs/` trains and measures every operator with every seed, by a recipe.
`table.py` and `feature_sheet.py` show the results. Each task has a folder: its data sets' layouts, its pictures, its
metrics, and its recipes in `task.py`. `networks/` has the networks that no library has, `encoders/` the weights that
they may start from.
"""
