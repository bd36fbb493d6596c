// Packages of many formats changed as a forger would: their own checksums fit afterwards, and what differs is
// what a signature has to cover.
#include <fmt/format.h>
#include <algorithm>
#include <random>

#include "harness/core/checksum.hpp"
#include "harness/core/digest.hpp"
#include "harness/offers/alteration.hpp"
#include "harness/offers/container.hpp"
#include "harness/offers/package.hpp"
#include "tests/catch.hpp"
#include "tests/unit/offers_samples.hpp"

using namespace cambench;
using namespace cambench::offers;
using namespace cambench::offers::recreated;

namespace {

/// Whether a camera that knows no signature, and checks every checksum the format has, takes it.
bool fits(ByteView bytes) {
    const auto package = open_package(bytes);
    if (!package) return open_framed(bytes).has_value();
    const Part* image = nullptr;
    for (const auto& part : package->parts)
        if (image == nullptr || part.content.size() > image->content.size()) image = &part;
    for (const auto& part : package->parts) {
        if (part.name == "sw-description" &&
            as_text(part.content).find(sha256_of(image->content)) == std::string_view::npos)
            return false;
        if (part.name != "manifest") continue;
        const auto inner = open_gzip(image->content);
        const auto files = inner ? open_tar(inner->parts[0].content) : std::nullopt;
        if (!files ||
            as_text(part.content).find(sha256_of(files->parts[0].content)) == std::string_view::npos)
            return false;
    }
    return true;
}

}  // namespace

TEST_CASE("a changed package differs from the genuine one, and fits in every checksum where it is said to",
          "[offers]") {
    for (const auto& sample : samples())
        for (const auto& [change, name] : all_changes) {
            CAPTURE(sample.what, name);
            const auto made = altered(sample.bytes, change);
            CAPTURE(made.what);
            CHECK(made.bytes != sample.bytes);
            CHECK_FALSE(made.what.empty());
            if (made.sums == Sums::right) CHECK(fits(made.bytes));
        }
}

TEST_CASE("what cambench can make right is made right, and what it cannot is said to be open", "[offers]") {
    for (const auto& sample : samples()) {
        CAPTURE(sample.what);
        const auto body = altered(sample.bytes, Change::body);
        const auto other = altered(sample.bytes, Change::other_content);
        CAPTURE(body.what, other.what);
        CHECK(body.sums == (!sample.sums_known ? Sums::unknown
                            : sample.is_signed ? Sums::held
                                               : Sums::right));
        CHECK(other.sums == (sample.sums_known ? Sums::right : Sums::unknown));
        CHECK(body.covered);
    }
}

TEST_CASE("of a package that is known, every change is of what a signature has to cover", "[offers]") {
    for (const auto& sample : samples())
        for (const auto& [change, name] : all_changes) {
            CAPTURE(sample.what, name);
            const bool known = sample.what != "a file of a format nobody knows" &&
                               !(change == Change::oversized &&
                                 (sample.what.starts_with("FIT") || sample.what.starts_with("Reolink")));
            const bool amid =
                change == Change::body || change == Change::other_content || change == Change::truncated;
            CHECK(altered(sample.bytes, change).covered == (known || amid));
        }
}

TEST_CASE("a signed manifest and its signature are changed where they stand, not the archive around them",
          "[offers]") {
    const auto genuine = swu("070702", true);
    const auto parts = [](ByteView bytes) { return open_cpio(bytes).value().parts; };
    const auto before = parts(genuine);
    const auto header = parts(altered(genuine, Change::header).bytes),
               signature = parts(altered(genuine, Change::signature).bytes),
               body = parts(altered(genuine, Change::body).bytes),
               other = parts(altered(genuine, Change::other_content).bytes);
    CHECK(header[0].content != before[0].content);
    CHECK(header[1].content == before[1].content);
    CHECK(header[2].content == before[2].content);
    CHECK(signature[0].content == before[0].content);
    CHECK(signature[1].content != before[1].content);
    CHECK(signature[2].content == before[2].content);
    CHECK(body[0].content == before[0].content);
    CHECK(body[2].content != before[2].content);
    CHECK(other[0].content != before[0].content);
    CHECK(other[1].content == before[1].content);
    CHECK(as_text(other[0].content).find(sha256_of(other[2].content)) != std::string_view::npos);
}

TEST_CASE("a bit in the middle is of content, not of the padding that happens to be there", "[offers]") {
    auto padded = noise(30, 3000);
    padded.resize(20000, std::byte{0xff});
    const auto made = altered(padded, Change::body);
    const auto differs =
        std::mismatch(made.bytes.begin(), made.bytes.end(), padded.begin()).first - made.bytes.begin();
    CHECK(differs < 3000);
}

TEST_CASE("no damaged package is taken for one that can be put together again", "[offers]") {
    for (const auto& sample : samples())
        for (std::size_t cut = 1; cut < 40; ++cut) {
            CAPTURE(sample.what, cut);
            const auto part = ByteView(sample.bytes).first(sample.bytes.size() * cut / 40);
            if (const auto package = open_package(part)) CHECK_FALSE(package->close(package->parts).empty());
            if (part.size() >= 64)
                for (const auto& [change, name] : all_changes)
                    CHECK(altered(part, change).bytes != Bytes(part.begin(), part.end()));
        }
}

TEST_CASE("containers of updaters are recognised, and their versions are those they state", "[offers]") {
    struct Known {
        const char* what;
        Bytes bytes;
        const char *format, *version;
    };
    for (const auto& [what, bytes, format, version] : std::vector<Known>{
             {"SWUpdate", swu("070701", true), "swu", "2.4.1"},
             {"Mender", mender(true), "mender", ""},
             {"RAUC", rauc(), "rauc", ""},
             {"TRX", trx(noise(17, 900), false), "trx", ""},
             {"tar", tar({{"a-1.2.3.img", noise(1, 900)}}), "tar", ""},
             {"cpio", cpio({{"a", noise(1, 900)}}, "070701"), "cpio", ""},
             {"a kernel's version is not the package's", uimage("Linux-4.9.37", noise(3, 900)), "uimage", ""},
             {"nor that of a kernel inside", uimage("jz_fw", uimage("Linux-3.10.14__isvp", noise(3, 900)), 7),
              "uimage", ""},
             {"a name that states one", uimage("IPC-2.4.0.R", noise(3, 900)), "uimage", ""},
             {"a name of firmware", uimage("fw-2.4.0", noise(3, 900)), "uimage", "2.4.0"}}) {
        CAPTURE(what);
        const auto found = recognise(bytes);
        CHECK(found.format == format);
        CHECK(found.version == version);
    }
}

TEST_CASE("a word with dots is a version only where nothing says whose", "[offers]") {
    struct Word {
        const char *text, *version;
    };
    for (const auto& [text, version] :
         std::vector<Word>{{"some maker's firmware V5.00.R02.20200507 for", "V5.00.R02.20200507"},
                           {"Firmware version: 1.4.2\n", "1.4.2"},
                           {"version=2.4.0.17\n", "2.4.0.17"},
                           {"fw_version=V1.1.41\n", "V1.1.41"},
                           {"Linux-3.0.8\n", ""},
                           {"Linux version 4.9.84 (build@host)", ""},
                           {"gcc version 6.3.0 (GCC)", ""},
                           {"BusyBox v1.26.2 (2018)", ""},
                           {"OpenSSL 1.0.2 22 Jan", ""},
                           {"uClibc-0.9.33.2", ""},
                           {"data/0000.tar.gz", ""},
                           {"libfoo.so.1.2.3", ""},
                           {"ipaddr=192.168.1.10", ""},
                           {"serverip=10.0.0.1", ""},
                           {"U-Boot 1.3.4-30623", ""}}) {
        CAPTURE(text);
        const auto found = recognise(ByteWriter().text("????").text(text).zeros(64).take());
        CHECK(found.version == version);
    }
}
