/// Whether the matte of a small view shows a person more clearly than that of the larger view of the same place.
///
/// JPEG blocks, stripes and weaves confuse the network where a larger view shows them.
func isClearer(_ small: Raster<Float>, than alpha: Raster<Float>) -> Bool {
    if small.values.count >= alpha.values.count || small.mean < StageConstants.clearerFilled { return false }
    return softness(small) <= StageConstants.clearerSoftness * softness(alpha)
}
