import MattingCore
import PhotosUI
import PortraitMattingKit
import SwiftUI

/// Edits a photo at full resolution: a new background, a blur or a cut-out, to share.
struct PhotoView: View {
    @StateObject private var controller = PhotoController()
    @State private var item: PhotosPickerItem?
    @State private var isTakingPhoto = false

    var body: some View {
        ScrollView {
            VStack(alignment: .leading, spacing: 12) {
                if let error = controller.error {
                    ErrorBanner(error: error) { controller.error = nil }
                }
                if let result = controller.result {
                    Image(result, scale: 1, label: Text("The photo with the new background"))
                        .resizable()
                        .scaledToFit()
                        .background { Checkerboard() }
                }
                if controller.isWorking {
                    ProgressView("Processing the photo")
                    if controller.looks > 0 { Text("Looks at the photo: \(controller.looks, specifier: "%lld")") }
                    Button("Cancel", action: controller.cancel)
                }
                if controller.isSmaller {
                    Text("The photo was reduced because memory is low.").font(.footnote)
                }
                PhotosPicker(selection: $item, matching: .images) {
                    Label("Choose a photo", systemImage: "photo.on.rectangle")
                }
                if PhotoCapture.isAvailable {
                    Button {
                        isTakingPhoto = true
                    } label: {
                        Label("Take a photo", systemImage: "camera")
                    }
                }
                Picker("Quality", selection: $controller.quality) {
                    Text("Fast: 1 look").tag(MatteQuality.fast)
                    Text("Balanced: turned photos, missed people").tag(MatteQuality.balanced)
                    Text("Best: 2 looks or more, fine hair").tag(MatteQuality.best)
                }
                .pickerStyle(.menu)
                OptionsView(options: $controller.options, nameOfNone: "Cut out", onError: controller.report)
                if let file = controller.file {
                    ShareLink(item: file) { Label("Share or save", systemImage: "square.and.arrow.up") }
                }
            }
            .padding()
        }
        .onChange(of: item) { chosen in
            if let chosen { controller.open { try await chosen.upright() } }
            // So that the same photo can be chosen again.
            item = nil
        }
        .fullScreenCover(isPresented: $isTakingPhoto) {
            PhotoCapture { image in controller.open { (try image.upright(), false) } }
        }
    }
}
