import MattingCore
import Testing

@Suite struct CameraFormatTests {
    private func format(_ width: Int, _ height: Int, _ rate: Double = 30) -> CameraFormat {
        CameraFormat(size: PixelSize(width: width, height: height), leastRate: 1, mostRate: rate)
    }

    @Test func theFormatOfTheNetworksShapeNearestTo960By720IsTaken() {
        let formats = [
            format(1280, 720, 60), format(640, 480), format(1024, 768, 60), format(1440, 1080), format(1024, 768),
        ]
        #expect(CameraFormat.best(of: formats) == 2)
    }

    @Test func aSlowFormatIsNotTaken() {
        #expect(CameraFormat.best(of: [format(960, 720, 15), format(640, 480)]) == 1)
    }

    @Test func noFormatHasTheShape() {
        #expect(CameraFormat.best(of: [format(1280, 720), format(1920, 1080)]) == nil)
        #expect(CameraFormat.best(of: []) == nil)
    }
}
