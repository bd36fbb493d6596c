#include "reports/pdf/pdf.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "harness/core/file.hpp"
#include "harness/core/process.hpp"
#include "harness/core/text.hpp"
#include "reports/escape.hpp"
#include "reports/html/page.hpp"

namespace cambench::reports {
namespace {

namespace fs = std::filesystem;

/// A private directory that goes away with its content.
class Scratch {
public:
    [[nodiscard]] static Result<Scratch> create() {
        auto pattern = (fs::temp_directory_path() / "cambench-pdf-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) return system_error("create a directory for the PDF", errno);
        return Scratch(pattern);
    }
    Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    Scratch& operator=(Scratch&&) = delete;
    ~Scratch() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    explicit Scratch(fs::path path) : path_(std::move(path)) {}
    fs::path path_;
};

Result<fs::path> find_browser() {
    for (const auto* name : {"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"})
        if (auto program = find_program(name)) return *program;
    return bench_error("write a PDF: no Chromium on this host; install it (apt-get install chromium), or print the HTML report from any browser");
}

Launch browser_launch(const fs::path& browser, const fs::path& scratch) {
    std::vector<std::string> command{browser.string(), "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                                     "--disable-component-update", "--disable-sync", "--disable-extensions", "--no-pdf-header-footer",
                                     "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=" + (scratch / "profile").string(),
                                     "--print-to-pdf=" + (scratch / "report.pdf").string(), "file://" + (scratch / "report.html").string()};
    // Chromium's own sandbox refuses to start as root. The page has no script and its policy forbids every fetch.
    if (geteuid() == 0) command.insert(command.begin() + 1, "--no-sandbox");
    return {std::move(command), {}, {}, {}, {}};
}

}  // namespace

Status write_pdf_report(const FinishedRun& run, const fs::path& file, Deadline deadline) {
    TRY_ASSIGN(const auto browser, find_browser());
    TRY_ASSIGN(const auto scratch, Scratch::create());
    TRY(write_file_atomically(scratch.path() / "report.html", html_report(run, Folding::for_paper)));
    auto printed = run_command(browser_launch(browser, scratch.path()), "", deadline);
    if (!printed) return std::move(printed).error().in("write a PDF");
    auto pdf = read_text_file(scratch.path() / "report.pdf");
    if (printed->exit_code != 0 || !pdf || !pdf->starts_with("%PDF-"))
        return bench_error(fmt::format("write a PDF: {} exited with {}: {}", browser.string(), printed->exit_code, shortened(trim(printed->text), 400)));
    return write_file_atomically(file, *pdf);
}

}  // namespace cambench::reports
