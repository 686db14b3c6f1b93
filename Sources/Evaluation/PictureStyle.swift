/// The colours of pictures, on a light page and on a dark one.
///
/// No meaning hangs on colour alone: what was expected is dashed, alarms are triangles, events are areas.
enum PictureStyle {
    static let sheet = """

        text{font:13px system-ui,"DejaVu Sans",sans-serif;fill:#3d444d}
        .title{font-size:18px;font-weight:600;fill:#1f2328}
        .end{text-anchor:end}.middle{text-anchor:middle}
        .page{fill:#ffffff}
        .grid{stroke:#e4e8ec;fill:none}
        .frame{stroke:#8c959f;fill:none}
        path{stroke-linejoin:round;stroke-linecap:round}
        .value{stroke:#0b62c4;stroke-width:1.4;fill:none}
        .expected{stroke:#57606a;stroke-width:1.2;stroke-dasharray:5 4;fill:none}
        .band{fill:#0b62c4;fill-opacity:0.16}
        .score{stroke:#7a35b5;stroke-width:1.3;fill:none}
        .limit{stroke:#1f2328;stroke-width:1.2;stroke-dasharray:2 4;fill:none}
        .event{fill:#e8a400;fill-opacity:0.28}
        .alarm{fill:#cf222e}
        .call{stroke:#cf222e;stroke-opacity:0.55;fill:none}
        @media (prefers-color-scheme:dark){
        text{fill:#c3cad2}
        .title{fill:#f0f3f6}
        .page{fill:#0d1117}
        .grid{stroke:#262d36}
        .frame{stroke:#6e7681}
        .value{stroke:#6cb0ff}
        .expected{stroke:#b6bec8}
        .band{fill:#6cb0ff;fill-opacity:0.2}
        .score{stroke:#cfa2ff}
        .limit{stroke:#f0f3f6}
        .event{fill:#f0b429;fill-opacity:0.26}
        .alarm{fill:#ff7b72}
        .call{stroke:#ff7b72;stroke-opacity:0.6}
        }

        """
}
