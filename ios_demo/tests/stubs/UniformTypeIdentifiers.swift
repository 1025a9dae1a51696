// Stub: declares what the sources use of this framework, so that they can be type-checked without Apple's SDK. Does nothing.

public struct UTType: Sendable, Hashable {
    public static let png = UTType()
    public static let jpeg = UTType()
    public static let json = UTType()
    public static let image = UTType()
    public var identifier: String { "" }
}
