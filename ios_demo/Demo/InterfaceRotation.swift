import PortraitMattingKit
import UIKit

/// The current rotation of the interface.
@MainActor enum InterfaceRotation {
    static var current: PortraitCamera.Rotation {
        let scene = UIApplication.shared.connectedScenes.compactMap { $0 as? UIWindowScene }.first
        switch scene?.interfaceOrientation {
        case .landscapeLeft: return .landscapeLeft
        case .landscapeRight: return .landscapeRight
        case .portraitUpsideDown: return .upsideDown
        default: return .portrait
        }
    }
}
