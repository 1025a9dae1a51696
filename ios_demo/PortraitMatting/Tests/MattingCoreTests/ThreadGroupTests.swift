import Testing

@testable import MattingCore

@Suite struct ThreadGroupTests {
    @Test(arguments: [
        (32, 1024, 32, 8), (32, 512, 32, 8), (32, 128, 32, 4), (32, 48, 32, 1), (64, 1024, 64, 4), (32, 16, 16, 1),
        (8, 1024, 8, 32),
    ])
    func groupsAreRowsOfThreadsThatRunAtOnce(atOnce: Int, most: Int, width: Int, height: Int) {
        let group = ThreadGroup(threadsAtOnce: atOnce, most: most)
        #expect(group.width == width && group.height == height)
        #expect(group.width * group.height <= most)
    }

    @Test func groupsCoverTheWholeTexture() {
        let group = ThreadGroup(threadsAtOnce: 32, most: 256)
        for (width, height) in [(1, 1), (32, 8), (33, 8), (1920, 1081)] {
            let count = group.count(over: PixelSize(width: width, height: height))
            #expect(count.width * group.width >= width && count.height * group.height >= height)
            #expect((count.width - 1) * group.width < width && (count.height - 1) * group.height < height)
        }
    }
}
