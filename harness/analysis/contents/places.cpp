#include "harness/analysis/contents/places.hpp"

#include <fmt/format.h>
#include <maxminddb.h>
#include <netinet/in.h>

#include <cstring>

#include "harness/core/file.hpp"
#include "harness/core/text.hpp"

namespace cambench::analysis {

class PlaceBook::Database {
public:
    Database() = default;
    ~Database() {
        if (open_) MMDB_close(&file_);
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    Status open(const std::filesystem::path& file) {
        if (const auto opened = open_regular_file(file); !opened) return usage_error(opened.error().message);
        const int code = MMDB_open(file.c_str(), MMDB_MODE_MMAP, &file_);
        if (code == MMDB_SUCCESS) {
            open_ = true;
            return {};
        }
        if (code == MMDB_FILE_OPEN_ERROR || code == MMDB_IO_ERROR)
            return usage_error(fmt::format("open {}: {}", file.string(), std::strerror(errno)));
        return usage_error(
            fmt::format("{} is no MaxMind database (.mmdb): {}", file.string(), MMDB_strerror(code)));
    }

    void look_up(const IpAddress& address, PlaceOf& place) const {
        sockaddr_storage storage{};
        if (address.is_v4()) {
            auto& target = reinterpret_cast<sockaddr_in&>(storage);
            target.sin_family = AF_INET;
            std::memcpy(&target.sin_addr, address.bytes().data(), sizeof target.sin_addr);
        } else {
            auto& target = reinterpret_cast<sockaddr_in6&>(storage);
            target.sin6_family = AF_INET6;
            std::memcpy(&target.sin6_addr, address.bytes().data(), sizeof target.sin6_addr);
        }
        int code = MMDB_SUCCESS;
        auto found = MMDB_lookup_sockaddr(&file_, reinterpret_cast<const sockaddr*>(&storage), &code);
        if (code != MMDB_SUCCESS || !found.found_entry) return;
        if (place.country.empty())
            place.country = first_text(
                found.entry,
                {{"country", "iso_code"}, {"registered_country", "iso_code"}, {"country_code"}, {"country"}});
        if (place.system.empty()) place.system = system_of(found.entry);
        if (place.organisation.empty())
            place.organisation = first_text(found.entry, {{"autonomous_system_organization"}, {"as_name"}});
    }

private:
    using Way = std::vector<const char*>;

    static bool value_at(MMDB_entry_s& entry, Way way, MMDB_entry_data_s& value) {
        way.push_back(nullptr);
        return MMDB_aget_value(&entry, &value, way.data()) == MMDB_SUCCESS && value.has_data;
    }
    static std::string first_text(MMDB_entry_s& entry, const std::vector<Way>& ways) {
        for (const auto& way : ways) {
            MMDB_entry_data_s value{};
            if (value_at(entry, way, value) && value.type == MMDB_DATA_TYPE_UTF8_STRING)
                return to_utf8(std::string_view(value.utf8_string, value.data_size));
        }
        return {};
    }
    /// "AS64500", as a number or as a text.
    static std::string system_of(MMDB_entry_s& entry) {
        MMDB_entry_data_s number{};
        if (value_at(entry, {"autonomous_system_number"}, number) && number.type == MMDB_DATA_TYPE_UINT32)
            return fmt::format("AS{}", number.uint32);
        return first_text(entry, {{"asn"}});
    }

    MMDB_s file_{};
    bool open_ = false;
};

PlaceBook::PlaceBook() = default;
PlaceBook::~PlaceBook() = default;
PlaceBook::PlaceBook(PlaceBook&&) noexcept = default;
PlaceBook& PlaceBook::operator=(PlaceBook&&) noexcept = default;

Result<PlaceBook> PlaceBook::open(const std::vector<std::filesystem::path>& files) {
    PlaceBook book;
    for (const auto& file : files) {
        auto database = std::make_unique<Database>();
        TRY(database->open(file));
        book.databases_.push_back(std::move(database));
    }
    return book;
}

std::optional<PlaceOf> PlaceBook::place_of(const IpAddress& address) const {
    PlaceOf place;
    for (const auto& database : databases_) database->look_up(address, place);
    const bool known = !place.country.empty() || !place.system.empty() || !place.organisation.empty();
    return known ? std::optional(std::move(place)) : std::nullopt;
}

}  // namespace cambench::analysis
