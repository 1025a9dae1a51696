// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
import Foundation
import SwiftUI

public struct PhotosPickerItem: Equatable, Sendable {
    public func loadTransferable<T: Sendable>(type: T.Type) async throws -> T? { nil }
}

public struct PHPickerFilter { public static let images = PHPickerFilter() }

public struct PhotosPicker<Label: View>: View {
    public init(
        selection: Binding<PhotosPickerItem?>, matching: PHPickerFilter? = nil, @ViewBuilder label: () -> Label
    ) {}
    public var body: Never { fatalError() }
}
