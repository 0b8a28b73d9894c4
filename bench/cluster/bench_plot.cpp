// The picture of a benchmark: latency over time above, rate over time below; SVG without scripts or fonts of its own.

#include <algorithm>
#include <cmath>

#include "bench/cluster/bench_report.h"

namespace tally::node::cli {
namespace {

constexpr std::size_t kBuckets = 100;
constexpr double kLeft = 70, kWidth = 700, kHeight = 170, kTop = 60, kGap = 70;

// 1, 2 or 5 times a power of ten, at or above the value.
double round_up(double value) {
    const double power = std::pow(10, std::floor(std::log10(std::max(value, 1e-9))));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= value) return factor * power;
    }
    return 10 * power;
}

struct Series {
    const char* name;
    const char* colour;
    std::vector<double> values;  // not a number: nothing there
};

void panel(std::string& svg, double top, const std::string& title, const std::vector<Series>& all, double seconds) {
    double high = 0;
    for (const auto& series : all) {
        for (const double value : series.values) high = std::max(high, std::isnan(value) ? 0 : value);
    }
    const double step = round_up(high / 5);
    const double lines = std::max(std::ceil(high / step), 1.0);
    high = lines * step;
    svg += fmt::format(R"(<text x="{}" y="{}" font-weight="bold">{}</text>)", kLeft, top - 10, title);
    for (double line = 0; line <= lines; ++line) {
        const double y = top + kHeight * (1 - line / lines);
        svg += fmt::format(
            R"(<path d="M{} {:.1f}h{}" stroke="#ddd"/><text x="{}" y="{:.1f}" text-anchor="end">{:.8g}</text>)", kLeft,
            y, kWidth, kLeft - 6, y + 4, line * step);
    }
    const double seconds_step = round_up(seconds / 10);
    for (double tick = 0; tick * seconds_step <= seconds; ++tick) {
        svg += fmt::format(R"(<text x="{:.1f}" y="{}" text-anchor="middle">{:.6g} s</text>)",
                           kLeft + kWidth * tick * seconds_step / seconds, top + kHeight + 18, tick * seconds_step);
    }
    double legend = kLeft + kWidth;
    for (auto series = all.rbegin(); series != all.rend(); ++series) {
        std::string path;
        bool pen_down = false;
        for (std::size_t i = 0; i < series->values.size(); ++i) {
            const double value = series->values[i];
            if (!std::isnan(value)) {
                path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M",
                                    kLeft + kWidth * (static_cast<double>(i) + 0.5) / static_cast<double>(kBuckets),
                                    top + kHeight * (1 - value / high));
            }
            pen_down = !std::isnan(value);
        }
        svg += fmt::format(R"(<path d="{}" fill="none" stroke="{}" stroke-width="1.5" stroke-linecap="round"/>)", path,
                           series->colour);
        svg += fmt::format(R"(<text x="{}" y="{}" text-anchor="end" fill="{}">{}</text>)", legend, top - 10,
                           series->colour, series->name);
        legend -= 50;
    }
    svg += "\n";
}

}  // namespace

std::string plot_svg(const BenchReport& report) {
    const auto& load = report.load;
    double seconds = load.seconds;
    for (const auto& sample : load.samples) seconds = std::max(seconds, sample.due_s + sample.latency_s);
    std::vector<std::vector<double>> buckets(kBuckets);
    for (const auto& sample : load.samples) {
        const auto place = (sample.due_s + sample.latency_s) / seconds * static_cast<double>(kBuckets);
        buckets[std::min(static_cast<std::size_t>(place), kBuckets - 1)].push_back(sample.latency_s);
    }
    Series p50{"p50", "#2a6fb0", {}};
    Series p99{"p99", "#c0392b", {}};
    Series rate{"", "#2e8b57", {}};
    for (auto& bucket : buckets) {
        std::sort(bucket.begin(), bucket.end());
        p50.values.push_back(bucket.empty() ? NAN : percentile(bucket, 0.5) * 1e3);
        p99.values.push_back(bucket.empty() ? NAN : percentile(bucket, 0.99) * 1e3);
        rate.values.push_back(static_cast<double>(report.transactions(bucket.size())) /
                              (seconds / static_cast<double>(kBuckets)));
    }
    std::string svg = fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {}" font-family="sans-serif" font-size="12">)"
        R"(<rect width="100%" height="100%" fill="white"/><text x="{}" y="24" font-size="15">tally bench {}: {:.0f} {}/s, {} nodes</text>)",
        kTop + 2 * kHeight + kGap + 30, kLeft, report.work, report.rate_reached(), report.unit, report.after.size());
    panel(svg, kTop, "latency, ms", {p50, p99}, seconds);
    panel(svg, kTop + kHeight + kGap, report.unit + " per second", {rate}, seconds);
    return svg + "</svg>\n";
}

}  // namespace tally::node::cli
