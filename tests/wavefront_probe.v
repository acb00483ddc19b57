// Beside tests/replay.v: writes what every PE has at its inputs, and what weight it uses, in every cycle:
// a line "cycle row column activation sum-from-above weight swap arrives arriving-weight" each.
// Plusarg: +probed=FILE.
`default_nettype none
`timescale 1ns / 1ns

module wavefront_probe #(
  parameter Rows = 4, Cols = 4
);
  reg [8*256-1:0] path;
  integer         probed, got;

  initial begin
    got = $value$plusargs("probed=%s", path);
    probed = $fopen(path, "w");
  end

  genvar r, c;
  generate
    for (r = 0; r < Rows; r = r + 1) begin : g_row
      for (c = 0; c < Cols; c = c + 1) begin : g_col
        // just before the edge that ends the cycle
        always @(posedge replay.clk)
          if (replay.rst_n)
            $fdisplay(probed, "%0d %0d %0d %0d %0d %0d %0d %0d %0d", replay.cycle, r, c,
                      replay.u_machine.g_grid.u_array.g_row[r].g_col[c].u_pe.act_i,
                      replay.u_machine.g_grid.u_array.g_row[r].g_col[c].u_pe.sum_i,
                      replay.u_machine.g_grid.u_array.g_row[r].g_col[c].u_pe.weight,
                      replay.u_machine.g_grid.u_array.g_row[r].g_col[c].u_pe.swap_i,
                      |replay.u_machine.g_grid.u_array.g_row[r].g_col[c].u_pe.wave_i,
                      $signed(replay.u_machine.g_grid.u_array.g_row[r].g_col[c].u_pe.loaded));
      end
    end
  endgenerate
endmodule

`default_nettype wire
