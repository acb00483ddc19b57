// Moves the tile at the weight FIFO's head into the array: reads a row (a column, when transposed)
// per cycle, and knows whether the shadow registers are empty, filling or full.
// Latency: shift start in t, row r read in t + r and on its bus, unskewed, in t + UB_READ + r; the
// shadow is full from t + ShiftCycles; the slot is free from t + Lanes.
// Throughput: a tile every ShiftCycles.
`default_nettype none

module weight_shift #(
  parameter WeightBuffers = 2,
  parameter ShiftCycles = 4,
  parameter Banks = 1,
  parameter Lanes = 4,        // max of the array's rows and columns
  parameter SlotBits = 1,
  parameter OffsetBits = 8,
  parameter BankBits = Banks > 1 ? $clog2(Banks) : 1
) (
  input  wire                        clk_i,
  input  wire                        rst_ni,
  // MATMUL
  input  wire                        consume_i,        // the shadow's tile becomes active
  input  wire                        reload_i,         // WeightBuffers 1: a shift may start
  output wire                        shadow_full_o,
  output wire                        shadow_empty_o,   // neither full nor filling
  output wire [9:0]                  shadow_k_o,
  output wire [9:0]                  shadow_n_o,
  // weight FIFO
  input  wire                        head_ready_i,
  input  wire [9:0]                  head_k_i,
  input  wire [9:0]                  head_n_i,
  input  wire [1:0]                  head_kind_i,
  input  wire [OffsetBits-1:0]       head_base_i,
  input  wire [OffsetBits-1:0]       head_pitch_i,
  input  wire [BankBits-1:0]         head_bank_i,
  input  wire [SlotBits-1:0]         head_slot_i,
  output wire                        shift_o,    // start of a shift: pops the head
  output wire                        release_o,  // a slot is read for the last time
  output wire [Banks-1:0]            rd_en_o,
  output wire [Banks*SlotBits-1:0]   rd_slot_o,
  output wire [Banks*OffsetBits-1:0] rd_offset_o,
  output wire [Banks*10-1:0]         rd_first_o,
  output wire [Banks*10-1:0]         rd_count_o,
  input  wire [Banks*Lanes*8-1:0]    rd_data_i,
  // array: weight buses, lane i delayed by i cycles, and the load wave that enters PE(0,0)
  output wire [Banks*Lanes*8-1:0]    bus_o,
  output wire [Banks-1:0]            wave_o,            // one-hot by bus
  output wire                        wave_transposed_o
);
  localparam [9:0] LastRow = 10'(Lanes - 1);

  // shadow
  reg       full_q, filling_q;
  reg [9:0] fill_left_q, shadow_k_q, shadow_n_q;

  assign shadow_full_o = full_q;
  assign shadow_empty_o = !full_q && !filling_q;
  assign shadow_k_o = shadow_k_q;
  assign shadow_n_o = shadow_n_q;
  assign shift_o = head_ready_i &&
                   (WeightBuffers == 1 ? shadow_empty_o && reload_i : shadow_empty_o || consume_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      full_q <= 1'b0;
      filling_q <= 1'b0;
      fill_left_q <= '0;
    end else if (shift_o) begin
      full_q <= ShiftCycles == 1;
      filling_q <= ShiftCycles != 1;
      fill_left_q <= 10'(ShiftCycles - 1);
    end else if (filling_q) begin
      full_q <= fill_left_q == 10'd1;
      filling_q <= fill_left_q != 10'd1;
      fill_left_q <= fill_left_q - 1'b1;
    end else if (consume_i) begin
      full_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (shift_o) begin
      shadow_k_q <= head_k_i;
      shadow_n_q <= head_n_i;
    end
  end

  // rows: one reader per bank, in its first cycle fed by the head
  wire [Banks-1:0] last_read;
  assign release_o = last_read != '0;

  genvar bank;
  generate
    for (bank = 0; bank < Banks; bank = bank + 1) begin : g_bank
      reg                  active_q;
      reg [9:0]            row_q, k_q, n_q;
      reg [1:0]            kind_q;
      reg [OffsetBits-1:0] offset_q, pitch_q;
      reg [SlotBits-1:0]   slot_q;
      reg [10:0]           moving_q;  // cycles for which rows are still on the bus

      wire       first = shift_o && head_bank_i == BankBits'(bank);
      wire       reading = first || active_q;
      wire [9:0] row = first ? '0 : row_q;
      wire [9:0] k = first ? head_k_i : k_q;
      wire [9:0] n = first ? head_n_i : n_q;
      wire [1:0] kind = first ? head_kind_i : kind_q;
      wire [OffsetBits-1:0] offset = first ? head_base_i : offset_q;
      wire [OffsetBits-1:0] pitch = first ? head_pitch_i : pitch_q;
      wire       inside_tile = row < (kind[0] ? n : k);

      assign rd_en_o[bank] = reading;
      assign rd_slot_o[bank*SlotBits +: SlotBits] = first ? head_slot_i : slot_q;
      assign rd_offset_o[bank*OffsetBits +: OffsetBits] = inside_tile ? offset : '0;
      assign rd_first_o[bank*10 +: 10] = kind[1] ? row : '0;
      assign rd_count_o[bank*10 +: 10] = !inside_tile ? '0 : kind[1] ? 10'd1 : kind[0] ? k : n;
      assign last_read[bank] = reading && row == LastRow;

      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          active_q <= 1'b0;
          moving_q <= '0;
        end else begin
          active_q <= reading && row != LastRow;
          if (reading) moving_q <= 11'(Lanes + 2);
          else if (moving_q != '0) moving_q <= moving_q - 1'b1;
        end
      end

      always_ff @(posedge clk_i) begin
        if (reading) begin
          row_q <= row + 1'b1;
          offset_q <= offset + pitch;
        end
        if (first) begin
          k_q <= head_k_i;
          n_q <= head_n_i;
          kind_q <= head_kind_i;
          pitch_q <= head_pitch_i;
          slot_q <= head_slot_i;
        end
      end

      skew #(.Lanes(Lanes)) u_skew (
        .clk_i  (clk_i),
        .en_i   (moving_q != '0),
        .data_i (rd_data_i[bank*Lanes*8 +: Lanes*8]),
        .data_o (bus_o[bank*Lanes*8 +: Lanes*8])
      );
    end
  endgenerate

  // the load wave enters the array with row 0
  reg [Banks-1:0] wave1_q, wave2_q;
  reg             transposed1_q, transposed2_q;

  assign wave_o = wave2_q;
  assign wave_transposed_o = transposed2_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wave1_q <= '0;
      wave2_q <= '0;
    end else begin
      wave1_q <= shift_o ? Banks'(1) << head_bank_i : '0;
      wave2_q <= wave1_q;
    end
  end

  always_ff @(posedge clk_i) begin
    transposed1_q <= head_kind_i[0];
    transposed2_q <= transposed1_q;
  end
endmodule

`default_nettype wire
