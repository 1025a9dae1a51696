// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
@_exported import AVFoundation
import SwiftUI

@MainActor public final class AVPlayer { public init(url: URL) {} }

public struct VideoPlayer: View {
    public init(player: AVPlayer?) {}
    public var body: Never { fatalError() }
}
