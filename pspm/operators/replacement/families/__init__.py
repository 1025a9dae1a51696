"""The families of networks whose upsampling is known: each file places the operator in one of them."""
