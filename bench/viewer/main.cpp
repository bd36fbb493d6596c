#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <string>

#include "harness/core/event.hpp"
#include "harness/core/time.hpp"

/// cambench-viewer URL SECONDS FOLDER: decodes a stream and prints what was seen as one line of JSON; the first and the
/// last frame are kept as FOLDER/first.png and FOLDER/last.png. Exit code 1 when the stream could not be opened.
namespace {

using cambench::Json;

constexpr int open_milliseconds = 8000;
constexpr int read_milliseconds = 5000;
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

int watch(const std::string& url, double seconds, const std::filesystem::path& folder) {
    ::setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp|analyzeduration;2000000", 1);
    ::setenv("OPENCV_LOG_LEVEL", "SILENT", 1);
    if (url.starts_with("http")) ::setenv("OPENCV_FFMPEG_DEBUG", "1", 1);  // its status is said to whoever asks for more than errors alone
    cv::VideoCapture stream;
    if (!stream.open(url, cv::CAP_FFMPEG, {cv::CAP_PROP_OPEN_TIMEOUT_MSEC, open_milliseconds, cv::CAP_PROP_READ_TIMEOUT_MSEC, read_milliseconds})) {
        std::puts(R"({"opened":false,"frames":0})");
        return 1;
    }
    Watch seen;
    const auto deadline = cambench::Deadline::after(std::chrono::duration_cast<cambench::Nanoseconds>(std::chrono::duration<double>(seconds)));
    for (cv::Mat frame; !deadline.passed() && stream.read(frame) && !frame.empty();) seen.take(frame);
    if (seen.frames > 0) {
        cv::imwrite((folder / "first.png").string(), seen.first);
        cv::imwrite((folder / "last.png").string(), seen.last);
    }
    auto json = seen.to_json();
    json["opened"] = true;
    std::puts(json.dump().c_str());
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4) {
        std::fputs("usage: cambench-viewer URL SECONDS FOLDER\n", stderr);
        return 64;
    }
    try {
        return watch(arguments[1], std::atof(arguments[2]), arguments[3]);
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "cambench-viewer: %s\n", exception.what());
        return 3;
    }
}
