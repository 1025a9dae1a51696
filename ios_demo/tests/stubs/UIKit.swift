// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
@_exported import CoreGraphics
import Foundation
@_exported import QuartzCore

open class UIView {
    public enum ContentMode { case scaleAspectFit }
    public init() {}
    public var contentMode = ContentMode.scaleAspectFit
    public var layer: CALayer { CALayer() }
}

@MainActor open class UIViewController { public init() {} }

public final class UIImage: @unchecked Sendable {
    public enum Orientation { case up, down, left, right, upMirrored, downMirrored, leftMirrored, rightMirrored }
    public var cgImage: CGImage? { nil }
    public var imageOrientation: Orientation { .up }
    public var size: CGSize { .zero }
    public var scale: CGFloat { 1 }
    public func draw(in rect: CGRect) {}
}

public final class UIGraphicsImageRendererFormat {
    public init() {}
    public var scale: CGFloat = 1
}

public final class UIGraphicsImageRendererContext {}

public final class UIGraphicsImageRenderer {
    public init(size: CGSize, format: UIGraphicsImageRendererFormat) {}
    public func image(actions: (UIGraphicsImageRendererContext) -> Void) -> UIImage { fatalError() }
}

public final class UIColor {
    @discardableResult
    public func getRed(
        _ red: UnsafeMutablePointer<CGFloat>?, green: UnsafeMutablePointer<CGFloat>?,
        blue: UnsafeMutablePointer<CGFloat>?, alpha: UnsafeMutablePointer<CGFloat>?
    ) -> Bool { false }
    public init() {}
}

public enum UIInterfaceOrientation { case unknown, portrait, portraitUpsideDown, landscapeLeft, landscapeRight }

open class UIScene: NSObject {}

public final class UIWindowScene: UIScene {
    public var interfaceOrientation: UIInterfaceOrientation { .unknown }
}

@MainActor public final class UIApplication {
    public static var shared: UIApplication { fatalError() }
    public var connectedScenes: Set<UIScene> { [] }
    public var isIdleTimerDisabled = false
}

@MainActor public final class UIPasteboard {
    public static var general: UIPasteboard { fatalError() }
    public var string: String?
}

public protocol UINavigationControllerDelegate: AnyObject {}

@MainActor public protocol UIImagePickerControllerDelegate: AnyObject {
    func imagePickerController(
        _ picker: UIImagePickerController,
        didFinishPickingMediaWithInfo info: [UIImagePickerController.InfoKey: Any])
    func imagePickerControllerDidCancel(_ picker: UIImagePickerController)
}

@MainActor public final class UIImagePickerController: UIViewController {
    public struct InfoKey: Hashable, Sendable { public static let originalImage = InfoKey() }
    public enum SourceType { case camera, photoLibrary }
    override public init() {}
    public static func isSourceTypeAvailable(_ type: SourceType) -> Bool { false }
    public var sourceType = SourceType.camera
    public var delegate: (any UIImagePickerControllerDelegate & UINavigationControllerDelegate)?
}
