#include "harness/analysis/flows/stream.hpp"

#include <algorithm>

namespace cambench::analysis {
namespace {

/// Segments further ahead than the largest TCP window are noise.
constexpr std::int64_t largest_window = std::int64_t{1} << 30;

}  // namespace

void StreamSide::begin(std::uint32_t first_sequence) {
    if (begun_) return;
    begun_ = true;
    base_ = first_sequence;
}

bool StreamSide::contradicted_by(std::uint32_t sequence, std::size_t length, ByteView recorded) {
    constexpr std::size_t most_probes =
        8;  // of a single byte: some stacks ask so whether the peer is still there
    if (!begun_ || length == 0) return false;
    const std::int64_t distance =
        static_cast<std::int32_t>(sequence - (base_ + static_cast<std::uint32_t>(covered_to_)));
    const auto start = static_cast<std::int64_t>(covered_to_) + distance;
    const auto is_probe = [&] { return length == 1 && ++probes_ <= most_probes; };
    if (distance > largest_window || start + static_cast<std::int64_t>(length) <= 0) return !is_probe();
    const auto known = static_cast<std::int64_t>(head_.size());
    for (auto at = std::max<std::int64_t>(start, 0);
         at < std::min(known, start + static_cast<std::int64_t>(recorded.size())); ++at)
        if (head_[static_cast<std::size_t>(at)] != recorded[static_cast<std::size_t>(at - start)])
            return !is_probe();
    if (start < known || recorded.size() < length) return false;
    const Sent sent{start, length, std::hash<std::string_view>{}(as_text(recorded))};
    const auto same = std::find_if(sent_.begin(), sent_.end(), [&](const Sent& one) {
        return one.begin == sent.begin && one.length == sent.length;
    });
    if (same != sent_.end()) return same->digest != sent.digest && !is_probe();
    if (sent_.size() < most_sent)
        sent_.push_back(sent);
    else
        sent_[next_sent_++ % most_sent] = sent;
    return false;
}

void StreamSide::add(std::uint32_t sequence, std::size_t length, ByteView recorded, const FrameRef& frame) {
    if (length == 0) return;
    begin(sequence);
    const auto expected = base_ + static_cast<std::uint32_t>(covered_to_);
    const std::int64_t distance = static_cast<std::int32_t>(sequence - expected);
    if (distance > largest_window) return;
    const auto start = static_cast<std::int64_t>(covered_to_) + distance;
    const auto end = start + static_cast<std::int64_t>(length);
    if (end <= 0) return;  // from before the first byte seen
    const auto skip = static_cast<std::size_t>(std::max<std::int64_t>(0, -start));
    const auto begin_at = static_cast<std::uint64_t>(std::max<std::int64_t>(0, start));
    if (skip < recorded.size()) extend_head(begin_at, recorded.subspan(skip), frame);
    cover(begin_at, static_cast<std::uint64_t>(end));
}

void StreamSide::cover(std::uint64_t begin, std::uint64_t end) {
    begin = std::max(begin, covered_to_);
    if (end <= begin) return;
    if (ahead_.empty() && begin == covered_to_) {  // all in order, as nearly always
        bytes_ += end - begin;
        covered_to_ = end;
        return;
    }
    auto at = std::lower_bound(ahead_.begin(), ahead_.end(), begin,
                               [](const auto& range, std::uint64_t value) { return range.second < value; });
    std::uint64_t added = end - begin;
    auto last = at;
    while (last != ahead_.end() && last->first <= end) {
        added -= std::min(last->second, end) - std::max(last->first, begin);
        begin = std::min(begin, last->first);
        end = std::max(end, last->second);
        ++last;
    }
    bytes_ += added;
    at = ahead_.erase(at, last);
    ahead_.insert(at, {begin, end});
    if (ahead_.front().first <= covered_to_ || ahead_.size() > most_gaps) {
        covered_to_ = ahead_.front().second;
        ahead_.erase(ahead_.begin());
    }
}

void StreamSide::extend_head(std::uint64_t begin, ByteView content, const FrameRef& frame) {
    if (begin >= head_limit || begin + content.size() <= head_.size()) return;
    content = content.first(std::min<std::size_t>(content.size(), head_limit - begin));
    if (begin > head_.size()) {
        if (head_ahead_.size() < most_gaps)
            head_ahead_.push_back(
                {begin, begin + content.size(), Bytes(content.begin(), content.end()), frame});
        return;
    }
    const auto append = [&](std::uint64_t at, ByteView bytes, const FrameRef& from) {
        constexpr std::size_t full_segment = 1024;
        if (head_.empty() && bytes.size() >= full_segment) head_.reserve(head_limit);  // more will follow
        const auto known = static_cast<std::size_t>(head_.size() - at);
        if (at > head_.size() || known >= bytes.size()) return;
        head_.insert(head_.end(), bytes.begin() + static_cast<std::ptrdiff_t>(known), bytes.end());
        if (marks_.size() < most_marks) marks_.emplace_back(head_.size(), from);
    };
    // Bytes that came earlier win: of this segment only what lies before the next of them is taken now.
    std::sort(head_ahead_.begin(), head_ahead_.end(),
              [](const Ahead& a, const Ahead& b) { return a.begin < b.begin; });
    for (const auto& later : head_ahead_) {
        if (later.begin > head_.size() && later.begin < begin + content.size())
            append(begin, content.first(static_cast<std::size_t>(later.begin - begin)), frame);
        if (later.begin <= head_.size()) append(later.begin, later.content, frame);
    }
    append(begin, content, frame);
    for (const auto& later : head_ahead_) {
        if (later.begin <= head_.size()) append(later.begin, later.content, frame);
    }
    std::erase_if(head_ahead_, [&](const Ahead& later) { return later.end <= head_.size(); });
}

std::size_t StreamSide::memory() const {
    auto bytes = head_.capacity() + ahead_.capacity() * sizeof(ahead_.front()) +
                 marks_.capacity() * sizeof(marks_.front()) + head_ahead_.capacity() * sizeof(Ahead) +
                 sent_.capacity() * sizeof(Sent);
    for (const auto& later : head_ahead_) bytes += later.content.capacity();
    return bytes;
}

FrameRef StreamSide::frame_of(std::size_t length) const {
    const auto found =
        std::find_if(marks_.begin(), marks_.end(), [&](const auto& mark) { return mark.first >= length; });
    if (found != marks_.end()) return found->second;
    return marks_.empty() ? FrameRef{} : marks_.back().second;
}

}  // namespace cambench::analysis
