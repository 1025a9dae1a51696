"""Find, read and check folders of images and mattes."""
