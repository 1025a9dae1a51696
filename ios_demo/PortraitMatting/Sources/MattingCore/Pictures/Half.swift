/// Convert an IEEE 754 half-precision number, given by its bits.
///
/// Swift's Float16 is not available on Intel Macs, where the simulator may run.
package func float(ofHalf bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1f
    let fraction = UInt32(bits & 0x3ff)
    switch exponent {
    case 0: return (sign == 0 ? 1 : -1) * Float(fraction) / 16_777_216
    case 31: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
}
