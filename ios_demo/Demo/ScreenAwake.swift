import UIKit

/// Keeps the screen on while at least one part of the app wants that: video and measurements go on without a touch.
@MainActor enum ScreenAwake {
    private static var owners: Set<String> = []

    /// Say whether `owner` wants the screen to stay on.
    static func keep(_ isOn: Bool, for owner: String) {
        if isOn { owners.insert(owner) } else { owners.remove(owner) }
        UIApplication.shared.isIdleTimerDisabled = !owners.isEmpty
    }
}
