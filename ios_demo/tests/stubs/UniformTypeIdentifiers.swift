// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.

public struct UTType: Sendable, Hashable {
    public static let png = UTType()
    public static let jpeg = UTType()
    public static let json = UTType()
    public static let image = UTType()
    public var identifier: String { "" }
}
