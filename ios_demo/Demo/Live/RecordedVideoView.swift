import AVKit
import SwiftUI

/// Plays a recorded video, and shares or saves it.
struct RecordedVideoView: View {
    private let video: RecordedVideo
    @State private var player: AVPlayer
    @Environment(\.dismiss) private var dismiss

    init(video: RecordedVideo) {
        self.video = video
        _player = State(initialValue: AVPlayer(url: video.url))
    }

    var body: some View {
        VStack(spacing: 12) {
            VideoPlayer(player: player).accessibilityLabel(Text("The recorded video"))
            Text("The video is kept until the next recording starts.").font(.footnote)
            ShareLink(item: video.url) { Label("Share or save", systemImage: "square.and.arrow.up") }
            Button("Done") { dismiss() }
        }
        .padding()
    }
}
