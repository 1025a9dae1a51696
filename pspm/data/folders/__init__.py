"""Find, read and check folders of pictures and mattes."""
