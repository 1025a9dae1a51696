/// Convert an IEEE 754 half-precision number, given by its bits.
///
/// Swift's Float16 is not available on Intel Macs, where the simulator may run.
public func float(ofHalf bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1f
    let fraction = UInt32(bits & 0x3ff)
    switch exponent {
    case 0: return (sign == 0 ? 1 : -1) * Float(fraction) / 16_777_216
    case 31: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
}

/// The bits of the half-precision number nearest to a finite number. Numbers too large for half precision become
/// infinity.
public func half(of x: Float) -> UInt16 {
    let sign = UInt16(truncatingIfNeeded: x.bitPattern >> 16) & 0x8000
    let magnitude = abs(x)
    if magnitude >= 65520 { return sign | 0x7c00 }
    if magnitude < 1.0 / 16384 {
        return sign | UInt16((magnitude * 16_777_216).rounded(.toNearestOrEven))
    }
    let bits = magnitude.bitPattern
    let rounded = bits + 0xfff + (bits >> 13 & 1)
    return sign | UInt16((rounded >> 13) - (112 << 10))
}
