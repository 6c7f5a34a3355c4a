// `chanspect doctor`: what works with a target, what does not, and what would cure it.

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "report/json.h"
#include "report/reports.h"
#include "report/surroundings.h"
#include "report/table.h"
#include "report/tsv.h"
#include "report/words.h"

namespace chanspect::report {
namespace {

struct Mark {
  std::string_view check, works;
  Ink ink = Ink::plain;
};

Mark mark_of(CheckState state) {
  switch (state) {
    case CheckState::ok:
      return {"ok", "yes", Ink::green};
    case CheckState::warn:
      return {"warn", "partly", Ink::yellow};
    case CheckState::no:
      break;
  }
  return {"no", "no", Ink::red};
}

/// Calls `visit` with each alternative, one a line of `cure`.
template <class Visit>
void each_cure(std::string_view cure, const Visit& visit) {
  while (!cure.empty()) {
    const std::size_t end = std::min(cure.find('\n'), cure.size());
    visit(cure.substr(0, end));
    cure.remove_prefix(std::min(end + 1, cure.size()));
  }
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t columns = columns_of(text);
  return std::string(text) + std::string(columns < width ? width - columns : 0, ' ');
}

std::size_t widest_name(const Diagnosis& diagnosis) {
  std::size_t width = 0;
  for (const auto* checks : {&diagnosis.checks, &diagnosis.works})
    for (const Check& check : *checks) width = std::max(width, columns_of(check.name));
  return width;
}

/// Lines are never cut: what is at their end is often the very thing to copy.
void print_lines(std::span<const Check> checks, std::string_view Mark::* word, std::size_t width,
                 const Style& style, Output& out) {
  constexpr std::size_t kMarkWidth = 8;
  for (const Check& check : checks) {
    const Mark mark = mark_of(check.state);
    out.write(inked(mark.*word, mark.ink, style));
    out.write(std::string(kMarkWidth - (mark.*word).size(), ' '));
    out.write(padded(check.name, width));
    out.write("  " + printable(check.found) + "\n");
    std::string_view lead = "try: ";
    each_cure(check.cure, [&](std::string_view one) {
      out.write(std::string(kMarkWidth + width + 2, ' ').append(lead));
      out.write(inked(printable(one), Ink::bold, style));
      out.write("\n");
      lead = " or: ";
    });
  }
}

void print_text(const Diagnosis& diagnosis, const Style& style, Output& out) {
  const std::size_t width = widest_name(diagnosis);
  if (!style.quiet) {
    out.write(inked(printable(diagnosis.subject), Ink::bold, style));
    out.write("\n\n");
  }
  print_lines(diagnosis.checks, &Mark::check, width, style, out);
  if (!diagnosis.works.empty()) {
    out.write(style.quiet ? "" : "\nworks:\n");
    print_lines(diagnosis.works, &Mark::works, width, style, out);
  }
  if (style.quiet || diagnosis.next.empty()) return;
  out.write("\n");
  print_next(printable(diagnosis.next), diagnosis.purpose, style, out);
}

void print_tsv(const Diagnosis& diagnosis, Output& out) {
  Tsv tsv({"kind", "name", "state", "found", "cure"}, out);
  for (const Check& check : diagnosis.checks)
    tsv.text("check")
        .text(check.name)
        .text(mark_of(check.state).check)
        .text(check.found)
        .text(check.cure)
        .end();
  for (const Check& check : diagnosis.works)
    tsv.text("works")
        .text(check.name)
        .text(mark_of(check.state).works)
        .text(check.found)
        .text(check.cure)
        .end();
}

void write_checks(Json& json, std::span<const Check> checks, std::string_view Mark::* word) {
  json.open_array();
  for (const Check& check : checks) {
    json.next_line();
    json.open_object();
    json.key("name").text(check.name);
    json.key("state").text(mark_of(check.state).*word);
    json.key("found").text(check.found);
    json.key("cures").open_array();
    each_cure(check.cure, [&](std::string_view one) { json.text(one); });
    json.close_array();
    json.close_object();
  }
  json.close_array();
}

void print_json(const Diagnosis& diagnosis, Output& out) {
  Json json(out);
  json.open_object();
  json.key("schema").text("chanspect/1");
  json.key("command").text("doctor");
  json.key("subject").text(diagnosis.subject);
  json.key("argument");
  if (diagnosis.target.empty())
    json.null();
  else
    json.text(diagnosis.target);
  json.key("readable").flag(!diagnosis.error);
  json.key("error");
  if (diagnosis.error)
    json.text(diagnosis.error->message());
  else
    json.null();
  json.key("checks");
  write_checks(json, diagnosis.checks, &Mark::check);
  json.key("works");
  write_checks(json, diagnosis.works, &Mark::works);
  json.key("next").text(diagnosis.next);
  json.close_object();
  json.finish();
}

}  // namespace

Result<void> print_diagnosis(const Diagnosis& diagnosis, const Style& style, Output& out) {
  switch (style.format) {
    case Format::tsv:
      print_tsv(diagnosis, out);
      break;
    case Format::json:
      print_json(diagnosis, out);
      break;
    case Format::text:
      print_text(diagnosis, style, out);
  }
  return out.finish();
}

}  // namespace chanspect::report
