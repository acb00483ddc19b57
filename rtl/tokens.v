// Counting semaphores by which the units order themselves: one 12-bit counter per stream of events
// and taking unit.
// Latency: an event in cycle t is visible to its takers from t + 1; a start subtracts in its own
// cycle. Throughput: every stream and every taker in every cycle.
`default_nettype none

module tokens (
  input  wire         clk_i,
  input  wire         rst_ni,
  // streams: LOAD, STORE, WLOAD, MATMUL_READ, MATMUL_DONE, VECTOR_READ, VECTOR_DONE
  input  wire [6:0]   event_i,
  input  wire [34:0]  give_i,   // five bits a stream: the units that are given to
  // units: LOAD, STORE, WLOAD, MATMUL, VECTOR
  input  wire [139:0] take_i,   // 28 bits a unit: four bits a stream, of the queue's head
  input  wire [4:0]   start_i,  // the head starts in this cycle and takes
  output wire [34:0]  unmet_o,  // seven bits a unit: the stream's count is below the head's take
  output wire [4:0]   ok_o
);
  // streams that each unit gives itself and so never takes
  localparam [34:0] Own = {7'b1100000, 7'b0011000, 7'b0000100, 7'b0000010, 7'b0000001};

  genvar unit, stream;
  generate
    for (unit = 0; unit < 5; unit = unit + 1) begin : g_unit
      wire [6:0] unmet;
      assign unmet_o[unit*7 +: 7] = unmet;
      assign ok_o[unit] = unmet == '0;
      for (stream = 0; stream < 7; stream = stream + 1) begin : g_stream
        wire [3:0] take = take_i[unit*28 + stream*4 +: 4];
        if (Own[unit*7 + stream]) begin : g_own
          wire unused = &{1'b0, take, give_i[stream*5 + unit]};
          assign unmet[stream] = 1'b0;
        end else begin : g_counter
          reg [11:0] count_q;
          wire give = event_i[stream] && give_i[stream*5 + unit];
          wire below = count_q < {8'd0, take};
          assign unmet[stream] = below;
          always_ff @(posedge clk_i or negedge rst_ni) begin
            if (!rst_ni) begin
              count_q <= '0;
            end else begin
              if (give || start_i[unit]) begin
                count_q <= count_q + {11'd0, give} - (start_i[unit] ? {8'd0, take} : 12'd0);
              end
            end
          end
`ifndef SYNTHESIS
          always @(posedge clk_i or negedge rst_ni) begin
            if (rst_ni) begin
              if (give && !(start_i[unit] && take != '0) && count_q == '1) begin
                $error("A token counter passed 4095.");
              end
              if (start_i[unit] && below) begin
                $error("A unit took tokens that were not there.");
              end
            end
          end
`endif
        end
      end
    end
  endgenerate
endmodule

`default_nettype wire
