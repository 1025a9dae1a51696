import PortraitMattingKit
import UIKit

/// The current rotation of the interface, and whether it may change.
@MainActor enum InterfaceRotation {
    static var current: PortraitCamera.Rotation {
        switch scene?.interfaceOrientation {
        case .landscapeLeft: return .landscapeLeft
        case .landscapeRight: return .landscapeRight
        case .portraitUpsideDown: return .upsideDown
        default: return .portrait
        }
    }

    /// Whether the interface keeps the rotation that it had when this was set. An iPad that shows several apps ignores it.
    static var isLocked = false {
        didSet {
            locked = isLocked ? mask(current) : nil
            scene?.keyWindow?.rootViewController?.setNeedsUpdateOfSupportedInterfaceOrientations()
        }
    }

    /// The rotations that the interface may have now.
    static var allowed: UIInterfaceOrientationMask {
        locked ?? (UIDevice.current.userInterfaceIdiom == .pad ? .all : .allButUpsideDown)
    }

    private static var locked: UIInterfaceOrientationMask?

    private static var scene: UIWindowScene? {
        UIApplication.shared.connectedScenes.compactMap { $0 as? UIWindowScene }.first
    }

    private static func mask(_ rotation: PortraitCamera.Rotation) -> UIInterfaceOrientationMask {
        switch rotation {
        case .portrait: return .portrait
        case .upsideDown: return .portraitUpsideDown
        case .landscapeLeft: return .landscapeLeft
        case .landscapeRight: return .landscapeRight
        }
    }
}
