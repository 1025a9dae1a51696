"""Hard photos with known alpha, made of cut-outs and backgrounds: small people, turned photos, photos of nobody."""
