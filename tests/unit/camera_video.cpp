// The emulated camera's picture, from the scene to RTP and back through an independent decoder.

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "fixtures/camera/firmware/base/scene.hpp"
#include "fixtures/camera/firmware/rtp.hpp"
#include "tests/catch.hpp"

using namespace camera;

namespace {

cv::Mat decoded(const Bytes& file) { return cv::imdecode(file, cv::IMREAD_COLOR); }

/// Mean absolute difference of the luminance the camera meant and the grey a decoder sees.
double luminance_error(const Picture& picture, const Bytes& file) {
    const auto grey = cv::imdecode(file, cv::IMREAD_GRAYSCALE);
    double sum = 0;
    for (int y = 0; y < picture.height; ++y) {
        for (int x = 0; x < picture.width; ++x) {
            sum += std::abs(int{picture.y[static_cast<std::size_t>(y * picture.stride + x)]} -
                            int{grey.at<unsigned char>(y, x)});
        }
    }
    return sum / (picture.width * picture.height);
}

}  // namespace

TEST_CASE("camera's JPEG decodes to the picture that was meant", "[unit][camera]") {
    const auto [width, height] = GENERATE(std::pair(640, 360), std::pair(64, 64), std::pair(328, 248));
    Scene scene(width, height, "HV-2100");
    JpegEncoder encoder(60);
    for (const auto moment : {0, 700, 1400}) {
        const auto& picture = scene.at(moment, "2026-11-21 09:00:00");
        const auto file = jpeg_file(encoder.encode(picture), encoder.tables());
        const auto image = decoded(file);
        REQUIRE(image.cols == width);
        REQUIRE(image.rows == height);
        CHECK(luminance_error(picture, file) < 5.0);
    }
}

TEST_CASE("camera's picture is neither black nor frozen", "[unit][camera]") {
    Scene scene(640, 360, "HV-2100");
    JpegEncoder encoder(60);
    const auto first =
        decoded(jpeg_file(encoder.encode(scene.at(0, "2026-11-21 09:00:00")), encoder.tables()));
    const auto second =
        decoded(jpeg_file(encoder.encode(scene.at(500, "2026-11-21 09:00:00")), encoder.tables()));
    CHECK(cv::mean(first)[0] > 60);
    CHECK(cv::norm(first, second, cv::NORM_INF) > 50);
}

TEST_CASE("camera's encoder gives the same picture whether or not it saw the one before", "[unit][camera]") {
    Scene scene(640, 360, "HV-2100");
    JpegEncoder experienced(60), fresh(60);
    (void)experienced.encode(scene.at(0, "2026-11-21 09:00:00"));
    CHECK(experienced.encode(scene.at(900, "2026-11-21 09:00:01")).scan ==
          fresh.encode(scene.at(900, "2026-11-21 09:00:01")).scan);
}

TEST_CASE("camera's RTP packets carry the whole scan in order", "[unit][camera]") {
    Scene scene(640, 360, "HV-2100");
    JpegEncoder encoder(60);
    const auto picture = encoder.encode(scene.at(0, "2026-11-21 09:00:00"));
    RtpPacketiser packetiser(0x11223344, 65534, 60);
    const auto packets = packetiser.packets(picture, 90'000);
    REQUIRE(packets.size() > 3);
    Bytes scan;
    for (std::size_t index = 0; index < packets.size(); ++index) {
        ByteReader reader(packets[index]);
        CHECK(packets[index].size() <= RtpPacketiser::largest_packet);
        CHECK(reader.u8() == 0x80);
        CHECK(reader.u8() == (index + 1 == packets.size() ? 0x80 | 26 : 26));
        CHECK(reader.u16() == static_cast<std::uint16_t>(65534 + index));
        CHECK(reader.u32() == 90'000);
        CHECK(reader.u32() == 0x11223344);
        CHECK(reader.u32() == scan.size());
        CHECK(reader.u8() == 1);
        CHECK(reader.u8() == 60);
        CHECK(reader.u8() == 80);
        CHECK(reader.u8() == 45);
        const auto part = reader.take(reader.left());
        scan.insert(scan.end(), part.begin(), part.end());
    }
    CHECK(scan == picture.scan);
}
