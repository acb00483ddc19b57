// Instruction fields and codes: docs/machine.md section 8. A field is a bit range of the 512-bit
// word, so that head_i[`SA_F_TAKE] reads it.
`ifndef SYSTOLE_ISA_VH
`define SYSTOLE_ISA_VH
// every instruction
`define SA_F_OPCODE 7:0
`define SA_F_UNIT 7:4        // 1 LOAD, 2 STORE, 3 WLOAD, 4 MATMUL, 5 VECTOR; 0: END, BASE
`define SA_F_FLAGS 15:8
`define SA_F_CLASS 18:16
`define SA_F_TAKE 59:32
`define SA_F_GIVE_READ 68:64
`define SA_F_GIVE_DONE 76:72
// BASE
`define SA_F_BASE_REG 98:96
`define SA_F_BASE_VALUE 175:128
// LOAD, STORE, FILL, WLOAD, WLOAD_UB
`define SA_F_UB_ADDR 127:96
`define SA_F_DRAM_ADDR 175:128
`define SA_F_DRAM_REG 178:176
`define SA_F_FILL_BYTE 135:128
`define SA_F_BYTES 223:192
`define SA_F_MEM_N0 239:224
`define SA_F_MEM_N1 255:240
`define SA_F_DP0 287:256
`define SA_F_DP1 319:288
`define SA_F_UP0 351:320
`define SA_F_UP1 383:352
`define SA_F_TILE_K 201:192
`define SA_F_TILE_N 217:208
// MATMUL
`define SA_F_MM_N0 143:128
`define SA_F_MM_N1 159:144
`define SA_F_MM_N2 175:160
`define SA_F_MM_K 185:176
`define SA_F_MM_S0 223:192
`define SA_F_MM_S1 255:224
`define SA_F_MM_S2 287:256
`define SA_F_MM_ACC_ROW 303:288
`define SA_F_MM_ACC_BANK 304:304
// VECTOR
`define SA_F_VEC_LO 87:80
`define SA_F_VEC_HI 95:88
`define SA_F_VEC_A 127:96
`define SA_F_VEC_ACC_ROW 111:96
`define SA_F_VEC_ACC_BANK 112:112
`define SA_F_VEC_N0 143:128
`define SA_F_VEC_N1 159:144
`define SA_F_VEC_N 175:160
`define SA_F_VEC_TX 183:176
`define SA_F_VEC_TY 191:184
`define SA_F_VEC_A_S0 223:192
`define SA_F_VEC_A_S1 255:224
`define SA_F_VEC_B 287:256
`define SA_F_VEC_B_S0 319:288
`define SA_F_VEC_B_S1 351:320
`define SA_F_VEC_D 383:352
`define SA_F_VEC_D_S0 415:384
`define SA_F_VEC_D_S1 447:416
`define SA_F_VEC_W14 479:448
`define SA_F_VEC_W15 511:480
// opcodes
`define SA_OP_END 8'h00
`define SA_OP_BASE 8'h01
`define SA_OP_LOAD_SYNC 8'h10
`define SA_OP_LOAD 8'h11
`define SA_OP_FILL 8'h12
`define SA_OP_STORE_SYNC 8'h20
`define SA_OP_STORE 8'h21
`define SA_OP_WLOAD_SYNC 8'h30
`define SA_OP_WLOAD 8'h31
`define SA_OP_WLOAD_UB 8'h32
`define SA_OP_MATMUL_SYNC 8'h40
`define SA_OP_MATMUL 8'h41
`define SA_OP_VECTOR_SYNC 8'h50
`define SA_OP_VACC 8'h51
`define SA_OP_VMOV 8'h52
`define SA_OP_VADD 8'h53
`define SA_OP_VMUL 8'h54
`define SA_OP_VMAX 8'h55
`define SA_OP_VAVG 8'h56
`define SA_OP_VTABLE 8'h57
`define SA_OP_VSOFTMAX 8'h58
`define SA_OP_VNORM 8'h59
// flags: bit numbers within the flags field
`define SA_FLAG_ACCUMULATE 0
`define SA_FLAG_NEXT_TILE 1
`define SA_FLAG_TRANSPOSED 0
`define SA_FLAG_DIAGONAL 1
`define SA_FLAG_PARAMS 0
`define SA_FLAG_RESIDUAL 1
`define SA_FLAG_FENCE 2
`define SA_FLAG_TABLE 3
`define SA_FLAG_RMS 4
`define SA_FLAG_TABLE_NUMBER 6:5
`endif
