#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <string>
#include <vector>

#include "bench/sandbox/confinement.hpp"
#include "harness/core/bytes.hpp"
#include "harness/core/event.hpp"
#include "harness/core/file.hpp"
#include "harness/core/time.hpp"

/// cambench-viewer URL SECONDS: decodes a stream and prints what was seen as one line of JSON; the first and
/// the last frame are written as PNG to descriptors 3 and 4. Exit code 1 when the stream could not be opened.
///
/// The stream is decoded by a child that is confined (bench/sandbox/confinement.hpp) and hands over pictures
/// and words through a pipe.
namespace {

using namespace cambench;

constexpr int open_milliseconds = 8000;
constexpr int read_milliseconds = 5000;
constexpr int first_picture = 3, last_picture = 4;
constexpr double most_frames_kept_small = 160.0;  ///< width to which frames are shrunk for comparing

struct Watch {
    int frames = 0;
    int width = 0, height = 0;
    double luma_sum = 0, deviation_sum = 0;
    double greatest_change = 0;  ///< mean absolute difference of luma between neighbouring frames
    cv::Mat first, last, small;

    void take(const cv::Mat& frame) {
        cv::Mat grey;
        cv::cvtColor(frame, grey, cv::COLOR_BGR2GRAY);
        cv::Scalar mean, deviation;
        cv::meanStdDev(grey, mean, deviation);
        luma_sum += mean[0];
        deviation_sum += deviation[0];
        cv::Mat shrunk;
        const double scale = most_frames_kept_small / grey.cols;
        cv::resize(grey, shrunk, cv::Size(), scale, scale, cv::INTER_AREA);
        if (frames > 0) greatest_change = std::max(greatest_change, cv::mean(cv::abs(shrunk - small))[0]);
        small = shrunk;
        if (frames == 0) first = frame.clone();
        last = frame.clone();
        width = frame.cols;
        height = frame.rows;
        ++frames;
    }

    [[nodiscard]] Json to_json() const {
        const double count = std::max(frames, 1);
        return {{"frames", frames},
                {"width", width},
                {"height", height},
                {"mean_luma", luma_sum / count},
                {"luma_deviation", deviation_sum / count},
                {"motion", greatest_change}};
    }
};

/// Each picture with its length before it, then the words.
Status hand_over(int pipe, const cv::Mat& first, const cv::Mat& last, const Json& words) {
    ByteWriter all;
    for (const auto* picture : {&first, &last}) {
        std::vector<unsigned char> file;
        if (!picture->empty()) cv::imencode(".png", *picture, file);
        all.u32(static_cast<std::uint32_t>(file.size()))
            .bytes(as_bytes(std::string_view(reinterpret_cast<const char*>(file.data()), file.size())));
    }
    all.text(words.dump());
    return write_all(pipe, all.view(), "what was seen");
}

int watch(const std::string& url, double seconds, int pipe) {
    cv::setNumThreads(2);
    cv::VideoCapture stream;
    if (!stream.open(url, cv::CAP_FFMPEG,
                     {cv::CAP_PROP_OPEN_TIMEOUT_MSEC, open_milliseconds, cv::CAP_PROP_READ_TIMEOUT_MSEC,
                      read_milliseconds})) {
        (void)hand_over(pipe, {}, {}, {{"opened", false}, {"frames", 0}});
        return 1;
    }
    Watch seen;
    const auto deadline =
        Deadline::after(std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(seconds)));
    for (cv::Mat frame; !deadline.passed() && stream.read(frame) && !frame.empty();) seen.take(frame);
    auto json = seen.to_json();
    json["opened"] = true;
    return hand_over(pipe, seen.first, seen.last, json).ok() ? 0 : 3;
}

int watch_or_say_why_not(const std::string& url, double seconds, int pipe) {
    try {
        return watch(url, seconds, pipe);
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "cambench-viewer: %s\n", exception.what());
        return 3;
    }
}

/// Until the other end closes, or says more than two pictures can be.
Bytes read_all(int pipe) {
    constexpr std::size_t most = 512u << 20;
    Bytes all;
    std::array<std::byte, 65536> piece;
    while (all.size() < most) {
        const auto count = ::read(pipe, piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        all.insert(all.end(), piece.begin(), piece.begin() + count);
    }
    return all;
}

/// Keeps pictures and prints words; nothing of either is looked into.
Status keep(ByteView seen) {
    ByteReader reader(seen);
    for (const int file : {first_picture, last_picture}) {
        const auto picture = reader.take(reader.u32());
        if (!reader.failed()) TRY(write_all(file, picture, "a picture"));
    }
    const auto words = std::string(as_text(reader.rest()));
    if (!reader.failed()) std::puts(words.c_str());
    return {};
}

/// What libraries read of the environment, once for all.
void choose_settings(const std::string& url) {
    ::setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp|analyzeduration;2000000", 1);
    ::setenv("OPENCV_LOG_LEVEL", "SILENT", 1);
    if (url.starts_with("http"))
        ::setenv("OPENCV_FFMPEG_DEBUG", "1",
                 1);  // its status is said to whoever asks for more than errors alone
}

Result<int> view(const std::string& url, double seconds) {
    choose_settings(url);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("make a pipe", errno);
    const FileHandle reading(ends[0]);
    FileHandle writing(ends[1]);
    const sandbox::Confinement confinement{.name = "cambench-view",
                                           .duty = sandbox::Duty::decode,
                                           .network = sandbox::Confinement::Network::shared,
                                           .descriptors = {writing.get()},
                                           .channel = {}};
    TRY_ASSIGN(const auto child, sandbox::start_confined(confinement, [&] {
                   return watch_or_say_why_not(url, seconds, writing.get());
               }));
    writing.close();
    const auto seen = read_all(reading.get());
    const int code = sandbox::exit_code_of(child);
    TRY(keep(seen));
    return code;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::fputs("usage: cambench-viewer URL SECONDS 3>FIRST.png 4>LAST.png\n", stderr);
        return 64;
    }
    const auto code = view(arguments[1], std::atof(arguments[2]));
    if (!code) std::fprintf(stderr, "cambench-viewer: %s\n", code.error().message.c_str());
    return code ? *code : 3;
}
