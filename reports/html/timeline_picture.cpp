#include "reports/html/timeline_picture.hpp"

#include <algorithm>
#include <cmath>

#include "harness/core/text.hpp"

namespace cambench::reports {
namespace {

constexpr double width = 1000, left = 118, right = 988;
constexpr double plot = right - left;
constexpr double glyph = 6.1;  ///< width of a character of the small type, generously
constexpr double pin_radius = 9;

/// Draws from top to bottom; each lane takes the height it needs.
class Drawing {
public:
    explicit Drawing(const TimelineScene& scene) : scene_(scene) {}

    [[nodiscard]] Markup draw(const Place& place) {
        top_ = scene_.pins.empty() ? 4 : 2 * pin_radius + 8;
        windows_top_ = top_;
        if (!scene_.windows.empty()) top_ += 18;
        draw_power();
        draw_console();
        draw_network();
        draw_undeclared();
        draw_steps();
        draw_alarms();
        draw_axis();
        return markup(
            "<svg class=\"timeline\" viewBox=\"0 0 {0} {1:.0f}\" role=\"img\" aria-labelledby=\"{2}tl-title "
            "{2}tl-desc\">\n<title id=\"{2}tl-title\">Timeline of the run</title>\n"
            "<desc id=\"{2}tl-desc\">{3}</desc>\n{4}{5}{6}{7}</svg>\n",
            width, top_ + 34, place.prefix, description(), windows(), grid_, lanes_, pins());
    }

private:
    [[nodiscard]] double x(double time) const {
        return left + std::clamp(time / scene_.end, 0.0, 1.0) * plot;
    }

    [[nodiscard]] std::string description() const {
        return fmt::format(
            "{:.1f} seconds. Lanes from top to bottom: power, console, network by kind of traffic, "
            "undeclared contacts, scenario steps. {} observation windows, {} pins with findings. "
            "The table below the picture says the same in words.",
            scene_.end, scene_.windows.size(), scene_.pins.size());
    }

    void begin_lane(std::string_view name, double height, std::string_view css = "lane") {
        lanes_ += markup("<rect class=\"{}\" x=\"{}\" y=\"{:.1f}\" width=\"{}\" height=\"{:.1f}\"/>\n", css,
                         left, top_, plot, height);
        lanes_ += markup("<text class=\"name\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", left - 8,
                         top_ + height / 2 + 4, name);
    }

    void group_label(std::string_view name) {
        lanes_ += markup("<text class=\"group\" x=\"0\" y=\"{:.1f}\">{}</text>\n", top_ + 11, name);
        top_ += 16;
    }

    /// A bar with its label inside when there is room, and always as a tooltip.
    void bar(const Span& span, double height, std::string_view css) {
        const auto begin = x(span.begin), extent = std::max(x(span.end) - begin, 2.0);
        const auto tip = fmt::format("{} {:.2f} s to {:.2f} s{}", shortened(span.label, 120), span.begin,
                                     span.end, span.cut ? ", end not recorded" : "");
        lanes_ += markup(
            "<rect class=\"{}{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
            "rx=\"2\"><title>{}</title></rect>\n",
            css, span.cut ? " cut" : "", begin, top_ + 2, extent, height - 4, tip);
        const auto text = visible(shortened(span.label, 60));
        if (static_cast<double>(text.size()) * glyph + 8 <= extent)
            lanes_ += markup("<text class=\"inside {}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", css,
                             begin + 5, top_ + height / 2 + 4, text);
    }

    void draw_density(const Density& density, double height, std::string_view css, std::string_view unit) {
        const auto most = *std::max_element(density.amount.begin(), density.amount.end());
        const auto step = plot / static_cast<double>(slices);
        for (std::size_t i = 0; i < slices; ++i) {
            if (density.amount[i] == 0) continue;
            const auto share =
                std::log1p(static_cast<double>(density.amount[i])) / std::log1p(static_cast<double>(most));
            const auto tall = std::max(3.0, share * (height - 4));
            lanes_ += markup(
                "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
                "height=\"{:.1f}\"><title>{}</title></rect>\n",
                css, left + static_cast<double>(i) * step, top_ + height - 2 - tall, step - 0.6, tall,
                slice_tip(density, i, unit));
        }
    }

    [[nodiscard]] std::string slice_tip(const Density& density, std::size_t slice,
                                        std::string_view unit) const {
        const auto length = scene_.end / static_cast<double>(slices);
        std::vector<std::string> parts;
        for (const auto& [kind, count] : density.kinds[slice])
            parts.push_back(unit.empty() ? fmt::format("{} x {}", count, kind)
                                         : fmt::format("{} {}", count, unit));
        return fmt::format("{:.2f} s to {:.2f} s: {}", static_cast<double>(slice) * length,
                           static_cast<double>(slice + 1) * length, join(parts, ", "));
    }

    void draw_power() {
        constexpr double height = 24;
        begin_lane("power", height);
        for (const auto& span : scene_.powered) bar(span, height, "on");
        if (!scene_.power_known) note("not recorded", height);
        top_ += height + 6;
    }

    void note(std::string_view text, double height) {
        lanes_ += markup("<text class=\"remark\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", left + 6,
                         top_ + height / 2 + 4, text);
    }

    void draw_console() {
        constexpr double height = 34;
        begin_lane("console", height);
        const auto total = std::any_of(scene_.console.amount.begin(), scene_.console.amount.end(),
                                       [](auto n) { return n > 0; });
        if (total)
            draw_density(scene_.console, height, "bytes", "bytes");
        else
            note("silent", height);
        top_ += height + 6;
    }

    void draw_network() {
        constexpr double height = 20;
        group_label("network");
        if (scene_.network.empty()) {
            begin_lane("", height);
            note("no traffic was seen", height);
            top_ += height;
        }
        for (const auto& row : scene_.network) {
            begin_lane(row.name, height);
            draw_density(row.density, height, "traffic", "");
            top_ += height + 2;
        }
        top_ += 4;
    }

    void draw_undeclared() {
        constexpr double height = 20;
        if (scene_.undeclared.empty()) return;
        group_label("not declared");
        for (const auto& span : scene_.undeclared) {
            begin_lane("", height, "lane");
            bar(span, height, "undeclared");
            label_beside(span, height);
            top_ += height + 2;
        }
        if (scene_.undeclared_left_out > 0) {
            lanes_ += markup(
                "<text class=\"remark\" x=\"{}\" y=\"{:.1f}\">and {} more, see the table of "
                "destinations</text>\n",
                left + 6, top_ + 12, scene_.undeclared_left_out);
            top_ += 18;
        }
        top_ += 4;
    }

    /// The name of a bar too short to hold it: to its right, or to its left near the picture's edge.
    void label_beside(const Span& span, double height) {
        const auto text = visible(shortened(span.label, 60));
        const auto needed = static_cast<double>(text.size()) * glyph + 8;
        if (needed <= x(span.end) - x(span.begin)) return;
        const auto to_the_right = std::max(x(span.end), x(span.begin) + 2) + needed <= right;
        lanes_ += markup("<text class=\"beside\" text-anchor=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                         to_the_right ? "start" : "end",
                         to_the_right ? std::max(x(span.end), x(span.begin) + 2) + 5 : x(span.begin) - 5,
                         top_ + height / 2 + 4, text);
    }

    void draw_steps() {
        constexpr double height = 20;
        group_label("scenario");
        if (scene_.steps.empty()) {
            begin_lane("steps", height);
            note("no step was recorded", height);
            top_ += height;
        }
        for (std::size_t i = 0; i < scene_.steps.size(); ++i) {
            begin_lane(i == 0 ? "steps" : "", height);
            for (const auto& span : scene_.steps[i]) bar(span, height, "step");
            top_ += height + 2;
        }
        if (scene_.steps_left_out > 0) {
            lanes_ +=
                markup("<text class=\"remark\" x=\"{}\" y=\"{:.1f}\">{} more steps are not drawn</text>\n",
                       left + 6, top_ + 12, scene_.steps_left_out);
            top_ += 18;
        }
    }

    void draw_alarms() {
        constexpr double height = 22;
        if (scene_.alarms.empty()) return;
        top_ += 4;
        begin_lane("warnings", height);
        for (const auto& alarm : scene_.alarms) {
            const auto at = x(alarm.time);
            lanes_ += markup(
                "<path class=\"alarm\" d=\"M{:.1f} {:.1f}l8 15h-16z\"><title>{:.2f} s: {}</title></path>\n",
                at, top_ + 3, alarm.time, shortened(alarm.text, 200));
        }
        if (scene_.alarms.size() == 1) {
            const auto text = visible(shortened(scene_.alarms[0].text, 90));
            const Span place{scene_.alarms[0].time, scene_.alarms[0].time, text};
            const auto at = x(place.begin), needed = static_cast<double>(text.size()) * glyph;
            const auto fits = at + 12 + needed <= right;
            if (fits || at - 12 - needed >= left)
                lanes_ +=
                    markup("<text class=\"beside\" text-anchor=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                           fits ? "start" : "end", fits ? at + 12 : at - 12, top_ + 15, text);
        }
        top_ += height;
    }

    void draw_axis() {
        top_ += 4;
        const auto step = tick_step(scene_.end);
        for (int i = 0; i * step <= scene_.end * 1.0001; ++i) {
            const auto at = x(i * step);
            grid_ +=
                markup("<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\"/>\n",
                       at, windows_top_, top_ + 4);
            lanes_ += markup("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\">{:g}</text>\n", at, top_ + 17,
                             i * step);
        }
        lanes_ += markup("<text class=\"name\" x=\"{}\" y=\"{:.1f}\">seconds</text>\n", left - 8, top_ + 17);
    }

    [[nodiscard]] static double tick_step(double end) {
        for (double scale = 0.01;; scale *= 10)
            for (const double factor : {1.0, 2.0, 5.0})
                if (end / (scale * factor) <= 14) return scale * factor;
    }

    [[nodiscard]] Markup windows() const {
        Markup result;
        for (const auto& window : scene_.windows) {
            const auto begin = x(window.begin), extent = std::max(x(window.end) - begin, 1.0);
            result += markup(
                "<rect class=\"window\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
                "height=\"{:.1f}\"><title>window {} {:.2f} s to {:.2f} s</title></rect>\n",
                begin, windows_top_, extent, top_ + 4 - windows_top_, shortened(window.label, 120),
                window.begin, window.end);
            const auto text = visible(shortened(window.label, 60));
            if (!text.empty() && static_cast<double>(text.size()) * glyph + 6 <= extent)
                result += markup("<text class=\"window-label\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                                 begin + extent / 2, windows_top_ + 13, text);
        }
        return result;
    }

    [[nodiscard]] Markup pins() const {
        Markup result;
        for (const auto& pin : scene_.pins) {
            const auto at = x(pin.time);
            const auto text = pin.numbers.size() == 1 ? fmt::format("{}", pin.numbers[0])
                              : pin.numbers.size() == 2
                                  ? fmt::format("{},{}", pin.numbers[0], pin.numbers[1])
                                  : fmt::format("{}\u2026{}", pin.numbers.front(), pin.numbers.back());
            const auto half = std::max(pin_radius, static_cast<double>(text.size()) * 3.6 + 3);
            result += markup(
                "<g class=\"pin {0}\"><line x1=\"{1:.1f}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" "
                "y2=\"{3:.1f}\"/><rect x=\"{4:.1f}\" y=\"1\" width=\"{5:.1f}\" height=\"{6:.1f}\" "
                "rx=\"{7:.1f}\"/>"
                "<text x=\"{1:.1f}\" y=\"{8:.1f}\">{9}</text><title>finding {9} at {10:.3f} s</title></g>\n",
                css_class(pin.verdict), at, 2 * pin_radius, top_ + 4,
                std::min(at - half, width - 2 * half - 1), 2 * half, 2 * pin_radius, pin_radius,
                pin_radius + 5, text, pin.time);
        }
        return result;
    }

    const TimelineScene& scene_;
    double top_ = 0, windows_top_ = 0;
    Markup grid_, lanes_;
};

}  // namespace

Markup draw_timeline(const TimelineScene& scene, const Place& place) { return Drawing(scene).draw(place); }

}  // namespace cambench::reports
