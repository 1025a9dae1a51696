import SwiftUI

/// The layout of a camera: the picture from edge to edge, and the controls on a material over its lower edge, or over
/// its side where the screen is wider than it is tall.
struct LiveScreen: View {
    @ObservedObject var controller: LiveController
    @ObservedObject var recorder: RecordingController

    @State private var fillsScreen = true
    @State private var showsDetails = false

    /// Width of the controls at the side.
    private static let sideWidth: CGFloat = 340
    /// The part of the height that the controls may take below.
    private static let lowerPart: CGFloat = 0.6

    var body: some View {
        GeometryReader { geometry in
            let isWide = geometry.size.width > geometry.size.height
            ZStack(alignment: isWide ? .trailing : .bottom) {
                Color.black.ignoresSafeArea()
                picture
                    .padding(.trailing, isWide && !covers ? Self.sideWidth : 0)
                    .ignoresSafeArea(edges: isWide ? [.top, .horizontal] : .top)
                if controller.isLoading { loading }
                controls
                    .frame(
                        maxWidth: isWide ? Self.sideWidth : .infinity,
                        maxHeight: isWide ? geometry.size.height : geometry.size.height * Self.lowerPart,
                        alignment: .bottom)
            }
            .overlay(alignment: .top) { statusBar }
            .overlay(alignment: .top) {
                if let error = controller.error { ErrorBanner(error: error) { controller.error = nil } }
            }
            .onChange(of: geometry.size) { _ in controller.turn() }
        }
        .sheet(item: $recorder.shown) { RecordedVideoView(video: $0) }
    }

    /// While a video is recorded, all that is recorded is shown.
    private var covers: Bool { fillsScreen && recorder.state == .off }

    private var picture: some View {
        LivePicture(pipeline: controller.pipeline, covers: covers)
            .accessibilityElement(children: .ignore)
            .accessibilityLabel(Text("Camera picture with the new background"))
    }

    /// A material behind the status bar, so that it can be read on any picture.
    private var statusBar: some View {
        Color.clear.background(.thinMaterial).ignoresSafeArea(edges: .top).frame(height: 0)
    }

    private var loading: some View {
        ProgressView("Loading the model")
            .padding()
            .background(.regularMaterial, in: RoundedRectangle(cornerRadius: 16))
            .frame(maxWidth: .infinity, maxHeight: .infinity, alignment: .center)
    }

    /// They scroll if they do not fit, as with the largest text.
    private var controls: some View {
        ViewThatFits(in: .vertical) {
            liveControls
            ScrollView { liveControls }
        }
        .background(.regularMaterial, in: RoundedRectangle(cornerRadius: 16))
        .padding(8)
    }

    private var liveControls: some View {
        LiveControls(
            controller: controller, recorder: recorder, fillsScreen: $fillsScreen, showsDetails: $showsDetails)
    }
}
