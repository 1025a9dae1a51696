// Stub: declares what the sources use of this framework, so that they can be type-checked without Apple's SDK. Does nothing.
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
